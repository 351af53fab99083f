import { sha256 } from './hash.js';

/**
 * What the event that vouches for a removal says of its manifest. Not in hexadecimal, where a run of digits may look
 * like a card's number.
 */
export function manifestDigest(manifest: string): string {
  return `sha256:${Buffer.from(sha256(manifest)).toString('base64url')}`;
}
