import { join } from 'node:path';

import type Database from 'better-sqlite3';
import {
  action,
  type Audit,
  type AuditError,
  createAudit,
  type EventFields,
  type EventInput,
  fileAnchor,
  type Target,
} from 'indelible';
import { createSqliteOutbox, createSqliteStore } from 'indelible/sqlite';

import { makeKeyOnce } from './audit-key.js';
import { type ModelName, models } from './models.js';

/** What the clinic does beyond what every trail knows, and what each such event must say. */
const actions = {
  APPOINTMENT_CANCELLED: action<{ was_for: string }>(),
  APPOINTMENT_RESCHEDULED: action<{ was_for: string; now_for: string }>(),
};

export type ClinicAudit = Audit<typeof actions>;
export type ClinicEvent = EventInput<typeof actions>;
/** What an event of signing in says about the account. */
export type AboutAccount = Parameters<ClinicAudit['auth']['loggedOut']>[0];
/** What an event says about the record it touched. */
export interface About extends Pick<EventFields, 'subjectId' | 'subjectLabel'> {
  readonly target: Target & { readonly type: ModelName };
}

export interface AuditFiles {
  readonly dataDir: string;
  /** The clinic's own database: events of a change are committed there together with it. */
  readonly client: Database.Database;
  readonly log?: ((line: string) => void) | undefined;
  readonly onError?: ((error: AuditError) => void) | undefined;
}

/** The trail, in a file of its own beside the clinic's data. */
export async function openAudit({ dataDir, client, log, onError }: AuditFiles): Promise<ClinicAudit> {
  const outbox = createSqliteOutbox(client);
  await outbox.migrate();
  const key = join(dataDir, 'indelible.key');
  makeKeyOnce(key);
  const audit = createAudit({
    store: createSqliteStore({ path: join(dataDir, 'audit.db') }),
    outbox,
    actions,
    models,
    spool: { dir: join(dataDir, 'spool') },
    keys: { file: key },
    // Beside the data, for want of a second machine here: a real clinic's lies where whoever runs the database cannot write.
    anchors: [fileAnchor({ path: join(dataDir, 'checkpoints.txt') })],
    // No change to a record without its event, and nobody's records leave without it. Everything else goes on while
    // the trail is away, and is spooled.
    failClosed: ['CREATE', 'UPDATE', 'DELETE', 'EXPORT'],
    log,
    onError,
  });
  await audit.ready();
  return audit;
}
