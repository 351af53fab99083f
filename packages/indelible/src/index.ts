export type { Anchor, AnchorAssurance, AnchoredCheckpoint } from './anchors/anchor.js';
export { fileAnchor, type FileAnchorOptions } from './anchors/file-anchor.js';
export type { Derived, KeptColumns, ModelRules } from './capture/tables.js';
export {
  action,
  type ActionDefinition,
  ACTIONS,
  type BuiltInAction,
  type Catalogue,
} from './event/actions.js';
export { AuditError, ERROR_CODES, type ErrorCode } from './event/errors.js';
export type {
  Actor,
  ActorType,
  AuditEvent,
  Change,
  Json,
  Outcome,
  RequestInfo,
  Source,
  Target,
} from './event/event.js';
export type { EventFields, EventInput } from './event/input.js';
export type { Assurance } from './anchors/assurance.js';
export type { AnchorStats } from './anchors/mooring.js';
export type {
  Counted,
  CountingRule,
  DetectionWindow,
  Detector,
  Found,
  Severity,
  Span,
  Thresholds,
  Watch,
} from './detectors/detector.js';
export type { DetectorOptions } from './detectors/detector-options.js';
export type { AcknowledgeInput, FindingsRequest } from './detectors/detecting.js';
export type { Acknowledgement, Finding } from './detectors/finding.js';
export type { FindingsWatch, WatchOptions } from './detectors/findings-watch.js';
export type { WebhookOptions } from './detectors/webhook.js';
export type { Erased, ErasureOptions } from './erasure/subject-erasure.js';
export type { PreviewOptions, RetentionOptions, RetentionPreview } from './retention/preview.js';
export type { Purged, PurgeOptions } from './retention/purge.js';
export type { HoldInput, PolicyInput } from './retention/rules.js';
export type { TrailRetention } from './retention/trail-retention.js';
export type { RedactionOptions } from './event/redaction.js';
export type * from './stores/store.js';
export type * from './stores/seal-log.js';
export type * from './stores/removal.js';
export type { EventConditions, EventQuery, SearchTerm, SummaryQuery } from './stores/query.js';
export type { Entry, EventCore, SearchColumns } from './event/entry.js';
export type { StoredEntry } from './event/read.js';
export type { ReadRules } from './http/watching.js';
export type { Context, ResolvedContext } from './trail/context.js';
export { type Audit, createAudit } from './trail/create-audit.js';
export type { EventFilter } from './trail/filter.js';
export type {
  AuditOptions,
  Delivery,
  DeliveryKey,
  KeyOptions,
  ModelOptions,
  SealOptions,
} from './trail/options.js';
export type { ApplicationDatabase, Outbox, OutboxRow, Refusal, Relayed } from './trail/outbox.js';
export type { EventPage, SummaryRequest, TrailSummary } from './trail/reader.js';
export type { RecordState } from './trail/state.js';
export type {
  AuthDetails,
  AuthFacts,
  AuthUser,
  Denial,
  FailedLogin,
  RoleDetails,
} from './trail/sign-in/auth-details.js';
export type { AuthEvents } from './trail/sign-in/auth-events.js';
export type { SignInOptions } from './trail/sign-in/sign-in-options.js';
export type { TrailStats } from './trail/stats.js';
export type { WrapOptions } from './trail/wrap.js';
