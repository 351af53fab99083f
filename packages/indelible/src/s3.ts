export { s3Anchor, type S3AnchorOptions } from './anchors/s3-anchor.js';
