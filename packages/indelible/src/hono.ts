export {
  auditDownload,
  auditExport,
  auditHono,
  auditList,
  auditRead,
  auditSensitive,
  type HonoOptions,
  type HonoReadOptions,
} from './http/hono.js';
export { auditApi } from './http/hono-api.js';
