import type { Anchor } from '../anchors/anchor.js';
import { ACTIONS, type Catalogue } from '../event/actions.js';
import type { DetectorOptions } from '../detectors/detector-options.js';
import type { ModelRules } from '../capture/tables.js';
import type { ChangeRules } from '../event/changes.js';
import type { AuditError } from '../event/errors.js';
import { Redactor, type RedactionOptions } from '../event/redaction.js';
import { TrustedProxies } from '../http/address/client-address.js';
import type { ReadRules } from '../http/watching.js';
import { SigningKey } from '../integrity/note-key.js';
import type { RetentionOptions } from '../retention/preview.js';
import type { Store } from '../stores/store.js';
import { checkOptions } from './check-options.js';
import type { Outbox } from './outbox.js';
import type { SignInOptions } from './sign-in/sign-in-options.js';

/** `with-change`: in the caller's transaction. `before`: durable before the call resolves. `soon`: spooled at once, stored shortly after. */
export type Delivery = 'with-change' | 'before' | 'soon';

/** An action (`READ`), a model (`Patient`), or one action on one model (`Patient.READ`): the narrower wins. */
export type DeliveryKey = string;

/** What is kept of a model, and how its records are named and belong; false for one that is not captured. */
export type ModelOptions = ModelRules | false;

export interface AuditOptions<C extends Catalogue> {
  /** Where the trail is kept. */
  readonly store: Store;
  /** The application's own database, for events that are written in its transactions. */
  readonly outbox?: Outbox | undefined;
  /** The application's own actions. */
  readonly actions?: C | undefined;
  /** What is kept of each model; one that is not named here is captured whole, under the name of its table. */
  readonly models?: Readonly<Record<string, ModelOptions>> | undefined;
  /** What is recorded of reading each model's records. */
  readonly reads?: Readonly<Record<string, ReadRules>> | undefined;
  /** Addresses and ranges of the proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8` or `loopback`; none by default. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** What `audit.auth` needs to know of the application. */
  readonly signIn?: SignInOptions | undefined;
  /** Further names that are, or are not, secret. */
  readonly redaction?: RedactionOptions | undefined;
  readonly delivery?: Readonly<Record<DeliveryKey, Delivery>> | undefined;
  /** Refuse what cannot be recorded: everything (true), or the actions and models named. False by default. */
  readonly failClosed?: boolean | readonly DeliveryKey[] | undefined;
  /** What happens to a write that no engine can take apart: told as a STATEMENT, or refused. Refused with `failClosed: true`. */
  readonly onUnsupported?: 'record' | 'throw' | undefined;
  /** Told about every failure of the trail. Writes a line to standard error by default. */
  readonly onError?: ((error: AuditError) => void) | undefined;
  /** Told in one line each what is attached, at the start. Writes to standard output by default. */
  readonly log?: ((line: string) => void) | undefined;
  /** The local folder of events that are on their way; false for memory only. `.indelible/spool` by default, or none with a store in memory. */
  readonly spool?: { readonly dir?: string; readonly maxBytes?: number } | false | undefined;
  /** How many events may wait in memory; 10,000 by default. */
  readonly bufferSize?: number | undefined;
  /** How long a call may wait for the store before the spool takes over, in milliseconds; 2,000 by default. */
  readonly deadlineMs?: number | undefined;
  /** How long counting a page's matches may take, in milliseconds, before the count is null; 12 by default. */
  readonly countBudgetMs?: number | undefined;
  /** The most an event may hold, in bytes: 1 MiB of changes, 64 KiB of everything else by default. */
  readonly limits?: { readonly changesBytes?: number; readonly payloadBytes?: number } | undefined;
  /** The zone whole days are counted in; UTC by default. */
  readonly timeZone?: string | undefined;
  /** Where the key is that checkpoints are signed with; `indelible.key` by default. */
  readonly keys?: KeyOptions | undefined;
  /** How stored events are given their place in the log; false where another program does that. */
  readonly seal?: SealOptions | false | undefined;
  /** Places elsewhere that keep the checkpoints, such as `fileAnchor({ path })`. */
  readonly anchors?: readonly Anchor[] | undefined;
  /** How long events are kept that no policy is about, and what no policy can go below. */
  readonly retention?: RetentionOptions | undefined;
  /** What `audit.findings` takes for suspicious, and where new findings are sent. */
  readonly detectors?: DetectorOptions | undefined;
}

export interface KeyOptions {
  /** The file of the key, as `indelible keys create` makes it. */
  readonly file: string;
  /** Files of the keys that this one replaces, secret or public: what they signed is gone on from, and nothing else. */
  readonly previous?: string | readonly string[] | undefined;
}

export interface SealOptions {
  /**
   * How long what this process stored waits for its place, in milliseconds; 1,000 by default. What another stored
   * may wait some times as long while little comes.
   */
  readonly everyMs?: number | undefined;
  /** How many events are sealed in one transaction at most; 5,000 by default. */
  readonly batchSize?: number | undefined;
  /** After so many milliseconds without an event a checkpoint says so; one hour by default. */
  readonly heartbeatMs?: number | undefined;
  /** The key itself, or its text, for whoever keeps it elsewhere than in a file. */
  readonly key?: SigningKey | string | undefined;
}

/** The options with every default applied. */
export interface Settings {
  readonly store: Store;
  readonly outbox: Outbox | undefined;
  readonly knowsAction: (action: string) => boolean;
  readonly rulesOf: (model: string) => ChangeRules;
  readonly models: Readonly<Record<string, ModelOptions>>;
  readonly reads: Readonly<Record<string, ReadRules>>;
  readonly trustedProxies: TrustedProxies;
  readonly signIn: { readonly digestKey: Uint8Array | undefined; readonly userModel: string };
  readonly redactor: Redactor;
  readonly delivery: Readonly<Record<DeliveryKey, Delivery>>;
  readonly failClosed: boolean | readonly DeliveryKey[];
  readonly onUnsupported: 'record' | 'throw';
  readonly onError: (error: AuditError) => void;
  readonly log: (line: string) => void;
  readonly spool: { readonly dir: string; readonly maxBytes: number } | undefined;
  readonly bufferSize: number;
  readonly deadlineMs: number;
  readonly countBudgetMs: number;
  readonly limits: { readonly changesBytes: number; readonly payloadBytes: number };
  readonly timeZone: string;
  readonly keys: { readonly file: string; readonly previous: readonly string[] };
  /** Undefined where nothing is to be sealed. */
  readonly seal: SealSettings | undefined;
  readonly anchors: readonly Anchor[];
  readonly retention: RetentionOptions;
  readonly detectors: DetectorOptions;
}

export interface SealSettings {
  readonly everyMs: number;
  readonly batchSize: number;
  readonly heartbeatMs: number;
  /** Undefined for the one in the file. */
  readonly key: SigningKey | undefined;
}

/** Where the signing key is when nobody says otherwise. */
export const DEFAULT_KEY_FILE = 'indelible.key';

const GIBIBYTE = 1024 ** 3;
const HOUR = 3_600_000;

const DEFAULT_DELIVERY: Readonly<Record<DeliveryKey, Delivery>> = {
  CREATE: 'with-change',
  UPDATE: 'with-change',
  DELETE: 'with-change',
  LOGIN_FAILED: 'before',
  EXPORT: 'before',
  AUDIT_EXPORTED: 'before',
  BREAK_GLASS: 'before',
};

/** The only place where defaults are applied; the environment is never read. */
export function settingsOf(options: AuditOptions<Catalogue>): Settings {
  checkOptions(options);
  const { models = {} } = options;
  const known = new Set<string>([...ACTIONS, ...Object.keys(options.actions ?? {})]);
  return {
    store: options.store,
    outbox: options.outbox,
    knowsAction: (action) => known.has(action),
    rulesOf: (model) => (Object.hasOwn(models, model) ? models[model] || {} : {}),
    models,
    reads: options.reads ?? {},
    trustedProxies: new TrustedProxies(options.trustedProxies ?? []),
    signIn: {
      digestKey: bytesOf(options.signIn?.digestKey),
      userModel: options.signIn?.userModel ?? 'User',
    },
    redactor: new Redactor(options.redaction),
    delivery: { ...DEFAULT_DELIVERY, ...options.delivery },
    failClosed: options.failClosed ?? false,
    onUnsupported: options.onUnsupported ?? (options.failClosed === true ? 'throw' : 'record'),
    onError: options.onError ?? ((error) => console.error(`indelible: ${error.code}: ${error.message}`)),
    log: options.log ?? ((line) => console.info(line)),
    spool: spoolOf(options),
    bufferSize: options.bufferSize ?? 10_000,
    deadlineMs: options.deadlineMs ?? 2_000,
    countBudgetMs: options.countBudgetMs ?? 12,
    limits: {
      changesBytes: options.limits?.changesBytes ?? 1024 ** 2,
      payloadBytes: options.limits?.payloadBytes ?? 64 * 1024,
    },
    timeZone: options.timeZone ?? 'UTC',
    keys: {
      file: options.keys?.file ?? DEFAULT_KEY_FILE,
      previous: [options.keys?.previous ?? []].flat(),
    },
    seal: sealOf(options),
    anchors: options.anchors ?? [],
    retention: options.retention ?? {},
    detectors: options.detectors ?? {},
  };
}

/** What is gone with the process is sealed only with a key that was given for it. */
function sealOf({ seal, keys, store }: AuditOptions<Catalogue>): SealSettings | undefined {
  if (seal === false || (store.isVolatile && seal?.key === undefined && keys === undefined)) return undefined;
  return {
    everyMs: seal?.everyMs ?? 1_000,
    batchSize: seal?.batchSize ?? 5_000,
    heartbeatMs: seal?.heartbeatMs ?? HOUR,
    key: typeof seal?.key === 'string' ? SigningKey.parse(seal.key.trim()) : seal?.key,
  };
}

/** What is gone with the process needs no spool that outlives it, unless one is asked for. */
function spoolOf({ spool, store }: AuditOptions<Catalogue>): Settings['spool'] {
  if (spool === false || (spool === undefined && store.isVolatile)) return undefined;
  return { dir: spool?.dir ?? '.indelible/spool', maxBytes: spool?.maxBytes ?? GIBIBYTE };
}

function bytesOf(key: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof key === 'string' ? Buffer.from(key) : key;
}
