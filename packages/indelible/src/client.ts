export type * from './api/answers.js';
export {
  AuditApiError,
  AuditClient,
  type ClientOptions,
  type ExportFilter,
  type LogFilter,
} from './api/client.js';
export type { WireEvent, WirePerson, WireRequest } from './api/wire.js';
