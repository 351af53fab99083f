export { auditApi } from './api/audit-api.js';
export type { ApiOptions, SubjectWords, Viewer } from './api/options.js';
