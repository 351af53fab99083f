import path from 'node:path';

// The package as it is built, since that is what applications run; what a loader makes of the sources is slower.
import type { Audit, EventInput } from '../../../dist/index.js';
import { createAudit } from '../../../dist/index.js';
import { createSqliteOutbox, createSqliteStore, fromSqlite } from '../../../dist/sqlite.js';
import type { Variant } from '../variants.js';
import type { Page, Patient, Patients } from './clinic.js';

/** How an application records its requests. */
export interface Recording {
  readonly audit: Audit;
  /** True when its routes say what they read. */
  readonly hasReadings: boolean;
  /** Of the adapter. */
  readonly options: { readonly maxEventsPerMinute?: number };
  /** Called by the handlers. */
  readonly showed: Showed;
  readonly errors: readonly Error[];
}

interface Showed {
  one(patient: Patient): void;
  page(page: Page): void;
}

const SILENT: Showed = { one: () => undefined, page: () => undefined };

/** Undefined for a plain application. */
export function openRecording(variant: Variant, folder: string, patients: Patients): Recording | undefined {
  if (variant === 'plain') return undefined;
  const errors: Error[] = [];
  const audit = createAudit({
    store: createSqliteStore({ path: path.join(folder, 'audit.db') }),
    spool: { dir: path.join(folder, 'spool') },
    models: {
      Patient: {
        table: 'patient',
        subject: 'id',
        label: {
          columns: ['first_name', 'last_name'],
          text: (patient) => `${String(patient['first_name'])} ${String(patient['last_name'])}`,
        },
      },
    },
    delivery: variant === 'before' ? { READ: 'before', LIST: 'before' } : {},
    outbox: variant === 'with-change' ? createSqliteOutbox(patients.db) : undefined,
    log: () => undefined,
    onError: (error) => void errors.push(error),
  });
  return {
    audit,
    hasReadings: variant === 'soon' || variant === 'before',
    options: variant === 'net' ? { maxEventsPerMinute: Number.MAX_SAFE_INTEGER } : {},
    showed: variant === 'with-change' ? byHand(audit, patients) : SILENT,
    errors,
  };
}

function byHand(audit: Audit, { db }: Patients): Showed {
  const record = (event: EventInput): void => void audit.recordSync(event, fromSqlite(db));
  return {
    one: ({ id, first_name, last_name }) => {
      const target = { type: 'Patient', id: String(id), label: `${String(first_name)} ${String(last_name)}` };
      record({ action: 'READ', source: 'read', target, subjectId: String(id) });
    },
    page: ({ results, total }) => {
      const subjects = results.map(({ id }) => String(id));
      const metadata = { count: results.length, total, ids: subjects };
      record({ action: 'LIST', source: 'read', target: { type: 'Patient' }, subjects, metadata });
    },
  };
}
