export {
  type AuditedFetch,
  auditDownload,
  auditExport,
  auditFetch,
  auditList,
  auditRead,
  auditSensitive,
  type FetchReadOptions,
} from './http/fetch.js';
export type {
  AskFetch,
  CalledWith,
  FetchArguments,
  FetchOptions,
  FetchReading,
  FetchRoute,
} from './http/web/fetch-options.js';
export { auditApi, type FetchApiOptions } from './http/fetch-api.js';
