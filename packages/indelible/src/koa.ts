export {
  auditDownload,
  auditExport,
  auditKoa,
  auditList,
  auditRead,
  auditSensitive,
  type KoaOptions,
  type KoaReadOptions,
} from './http/koa.js';
export { auditApi } from './http/koa-api.js';
