/** The actions every trail knows. */
export const ACTIONS = [
  'CREATE',
  'READ',
  'LIST',
  'SEARCH',
  'UPDATE',
  'DELETE',
  'LOGIN_SUCCESS',
  'LOGIN_FAILED',
  'LOGOUT',
  'TOKEN_REFRESH',
  'PASSWORD_CHANGE',
  'EMAIL_VERIFIED',
  'ROLE_CHANGE',
  'ACCOUNT_ACTIVATED',
  'ACCOUNT_DEACTIVATED',
  'ACCESS_DENIED',
  'EXPORT',
  'DOWNLOAD',
  'PRINT',
  'DISCLOSURE',
  'API_REQUEST',
  'STATEMENT',
  'SNAPSHOT',
  'RESTORE',
  'REVERT',
  'SETTINGS_CHANGE',
  'POLICY_CHANGE',
  'HOLD_PLACED',
  'HOLD_RELEASED',
  'BREAK_GLASS',
  'IMPERSONATION_START',
  'IMPERSONATION_STOP',
  'AUDIT_START',
  'AUDIT_STOP',
  'AUDIT_GAP',
  'AUDIT_VIEWED',
  'AUDIT_EXPORTED',
  'KEY_ROTATED',
  'FINDING_REPORTED',
  'FINDING_ACKNOWLEDGED',
  'REVIEW_SIGNED',
  'ARCHIVED',
  'RETENTION_PURGE',
  'SUBJECT_ERASED',
] as const;

export type BuiltInAction = (typeof ACTIONS)[number];

declare const METADATA: unique symbol;

/** One action of an application's own; `M` is the metadata an event of it must carry. */
export interface ActionDefinition<M extends object = Record<never, never>> {
  readonly [METADATA]?: M;
}

export type Catalogue = Readonly<Record<string, ActionDefinition<object>>>;
/** The catalogue of an application that adds no actions. */
export type EmptyCatalogue = Readonly<Record<never, ActionDefinition>>;

/** The metadata that an action's events must carry. */
export type MetadataOf<D> = D extends ActionDefinition<infer M> ? M : never;

/**
 * An action of the application's own, with the metadata each of its events must carry.
 *
 * @example
 * ```ts
 * const actions = {
 *   APPROVED: action(),
 *   PAYMENT_RECEIVED: action<{ amount: string; method: string }>(),
 * };
 * ```
 */
export function action<M extends object = Record<never, never>>(): ActionDefinition<M> {
  return {};
}

const WELL_FORMED = /^[A-Z][A-Z0-9_]{0,63}$/;

/** True for upper-case words, the only form an action may have. */
export function isActionName(name: string): boolean {
  return WELL_FORMED.test(name);
}
