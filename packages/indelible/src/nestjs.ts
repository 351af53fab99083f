export { auditNest, type NestOptions } from './http/nestjs/audit-nest.js';
export {
  AuditDownload,
  AuditExport,
  AuditList,
  AuditRead,
  AuditSensitive,
  NoAudit,
  type NestReadOptions,
} from './http/nestjs/decorators.js';
export type { NestRequest } from './http/nestjs/nest-facts.js';
export { auditApi } from './http/nestjs/api-module.js';
