export { auditPassport, type PassportLike } from './http/passport.js';
export type { AuditPassportOptions } from './http/passport/options.js';
