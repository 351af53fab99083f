export {
  auditDownload,
  type AuditedRequest,
  auditExport,
  auditFastify,
  auditList,
  auditRead,
  auditSensitive,
  type FastifyOptions,
  type FastifyReading,
  type FastifyReadOptions,
} from './http/fastify.js';
export { auditApi } from './http/fastify-api.js';
