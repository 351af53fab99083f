import { join } from 'node:path';

import {
  action,
  type Audit,
  type AuditError,
  createAudit,
  type EventFields,
  type EventInput,
  fileAnchor,
  type Store,
  type Outbox,
  type Target,
} from 'indelible';
import { createPostgresStore } from 'indelible/postgres';
import { createSqliteStore } from 'indelible/sqlite';

import { makeKeyOnce } from './audit-key.js';
import { type ModelName, models } from './models.js';

/** What the clinic does beyond what every trail knows, and what each such event must say. */
const actions = {
  APPOINTMENT_CANCELLED: action<{ was_for: string }>(),
  APPOINTMENT_RESCHEDULED: action<{ was_for: string; now_for: string }>(),
  CLAIM_SUBMITTED: action<{ insurer: string; amount: number }>(),
};

export type ClinicAudit = Audit<typeof actions>;
export type ClinicEvent = EventInput<typeof actions>;
/** What an event of signing in says about the account. */
export type AboutAccount = Parameters<ClinicAudit['auth']['loggedOut']>[0];
/** What an event says about the record it touched. */
export interface About extends Pick<EventFields, 'subjectId' | 'subjectLabel'> {
  readonly target: Target & { readonly type: ModelName };
}

export interface AuditPlaces {
  readonly dataDir: string;
  /** Where the trail is, unless in a file beside the clinic's data: `postgres://...`. */
  readonly auditDatabaseUrl?: string | undefined;
  /** In the clinic's own database: events of a change are committed there together with it. */
  readonly outbox: Outbox;
  readonly log?: ((line: string) => void) | undefined;
  readonly onError?: ((error: AuditError) => void) | undefined;
}

/** The trail, in a database of its own. */
export async function openAudit(places: AuditPlaces): Promise<ClinicAudit> {
  const { dataDir, auditDatabaseUrl, outbox, log, onError } = places;
  const key = join(dataDir, 'indelible.key');
  makeKeyOnce(key);
  const store = trailStore(dataDir, auditDatabaseUrl);
  // For a demonstration, at every start; a real clinic runs `npx indelible migrate` by a role of its own.
  await store.migrate();
  const audit = createAudit({
    store,
    outbox,
    actions,
    models,
    spool: { dir: join(dataDir, 'spool') },
    keys: { file: key },
    // Beside the data, for want of a second machine here: a real clinic's lies where whoever runs the database cannot write.
    anchors: [fileAnchor({ path: join(dataDir, 'checkpoints.txt') })],
    // No change to a record without its event, and nobody's records leave without it. Everything else goes on while
    // the trail is away, and is spooled.
    failClosed: ['CREATE', 'UPDATE', 'DELETE', 'EXPORT', 'DOWNLOAD'],
    log,
    onError,
  });
  await audit.ready();
  return audit;
}

/** PostgreSQL where one is named, and a file beside the clinic's data where none is. */
function trailStore(dataDir: string, connectionString: string | undefined): Store {
  return connectionString === undefined
    ? createSqliteStore({ path: join(dataDir, 'audit.db') })
    : createPostgresStore({ connectionString });
}
