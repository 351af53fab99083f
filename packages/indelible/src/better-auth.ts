export { auditBetterAuth, type BetterAuthPluginLike } from './http/better-auth.js';
export type { AuditBetterAuthOptions } from './http/better-auth/call.js';
