import { escapeLiteral } from 'pg';

import type { Entry } from '../../event/entry.js';
import type { AppendResult } from '../store.js';
import type { Connection } from './connections.js';
import { copy, copyText } from './copy.js';
import { refusalOf, refused, sqlState } from './failure.js';
import { COLUMN_LIST, COLUMNS, toRow, TYPED_COLUMN_LIST } from './rows.js';

/** From here on COPY is quicker than one INSERT. */
const COPY_LEAST = 64;

/** Unique violation, deadlock, serialization failure: another append of the same entries came first or is under way. */
const REPEATED = new Set(['23505', '40P01', '40001']);

const HALF = /\p{Surrogate}/u;

const COPY_EVENTS = `COPY indelible_event (${COLUMN_LIST}) FROM STDIN`;

/**
 * Stores entries in one transaction, and one round trip when there is nothing to repeat. The writer may only
 * insert: it sees no more than the number of rows stored, and asks for the conflicts when some were not.
 * They go in by the order of their ids: two appends of the same entries then wait one for the other, not each
 * for the other.
 */
export async function append(connection: Connection, given: readonly Entry[]): Promise<AppendResult> {
  requireEntries(given);
  const entries = given.toSorted((a, b) => (a.core.id < b.core.id ? -1 : Number(a.core.id > b.core.id)));
  try {
    const stored = await store(connection, entries);
    return { conflicts: stored === entries.length ? [] : await conflictsOf(connection, entries) };
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

async function store(connection: Connection, entries: readonly Entry[]): Promise<number> {
  if (entries.length < COPY_LEAST) return insert(connection, entries);
  try {
    return await copyAll(connection, entries);
  } catch (error) {
    if (!REPEATED.has(sqlState(error) ?? '')) throw error;
    return insert(connection, entries);
  }
}

/** Statements sent together are one transaction, and a repeated id undoes all of it: subjects may go first. */
function copyAll(connection: Connection, entries: readonly Entry[]): Promise<number> {
  const about = entries.filter(hasSubjects);
  const subjects = about.length === 0 ? '' : `${insertSubjects(about)} ON CONFLICT DO NOTHING; `;
  return copy(connection, subjects + COPY_EVENTS, copyText(entries, toRow));
}

async function insert(connection: Connection, entries: readonly Entry[]): Promise<number> {
  const rows = json(entries.map(toObject));
  const about = entries.filter(hasSubjects);
  if (about.length === 0) {
    const { rowCount } = await connection.query(insertEvents('$1'), [rows]);
    return rowCount ?? 0;
  }
  // The subjects come second, when it is settled which body each id has: an entry in conflict must leave none.
  const results: unknown = await connection.query(
    `${insertEvents(escapeLiteral(rows))}; ${insertSubjects(about)}
      WHERE event_id NOT IN (SELECT indelible_conflicts(${idsOf(about)}, ${digestsOf(about)})) ON CONFLICT DO NOTHING`,
  );
  const [events] = results as [{ rowCount: number | null }];
  return events.rowCount ?? 0;
}

function insertEvents(rows: string): string {
  return `INSERT INTO indelible_event (${COLUMN_LIST})
    SELECT ${COLUMN_LIST} FROM json_to_recordset(${rows}) AS entry (${TYPED_COLUMN_LIST}) ON CONFLICT DO NOTHING`;
}

function insertSubjects(entries: readonly Entry[]): string {
  const rows = entries.flatMap(({ core, search }) =>
    [...new Set(search.subjects)].map((subject_id) => ({
      tenant_id: core.tenant_id ?? '',
      subject_id,
      event_id: core.id,
    })),
  );
  return `INSERT INTO indelible_event_subject (tenant_id, subject_id, event_id)
    SELECT tenant_id, subject_id, event_id
    FROM json_to_recordset(${escapeLiteral(json(rows))})
      AS subject (tenant_id text, subject_id text, event_id uuid)`;
}

async function conflictsOf(connection: Connection, entries: readonly Entry[]): Promise<string[]> {
  const { rows } = await connection.query<{ id: string }>(
    `SELECT DISTINCT conflict::text AS id FROM indelible_conflicts(${idsOf(entries)}, ${digestsOf(entries)}) AS conflict`,
  );
  return rows.map(({ id }) => id);
}

function idsOf(entries: readonly Entry[]): string {
  return `${escapeLiteral(`{${entries.map(({ core }) => core.id).join(',')}}`)}::uuid[]`;
}

function digestsOf(entries: readonly Entry[]): string {
  const digests = entries.map(({ core }) => `"\\\\x${core.payload_digest}"`);
  return `${escapeLiteral(`{${digests.join(',')}}`)}::bytea[]`;
}

function hasSubjects({ search }: Entry): boolean {
  return search.subjects !== undefined && search.subjects.length > 0;
}

/** What is no entry, out of a damaged spool for instance, becomes none however often it is sent. */
function requireEntries(given: readonly Partial<Entry>[]): void {
  for (const { core, search } of given) {
    if (typeof core?.id !== 'string' || !core.actor || !search) {
      throw refused(
        new Error(`${core?.id ?? 'something'} is no entry, with a core, an actor and search columns`),
      );
    }
  }
}

/** Half a character, which JSON would escape and PostgreSQL refuse, becomes U+FFFD, as it does on the way of COPY. */
function json(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'string' && HALF.test(value) ? Buffer.from(value).toString() : value,
  );
}

function toObject(entry: Entry): Record<string, unknown> {
  return Object.fromEntries(toRow(entry).map((value, column) => [COLUMNS[column], value]));
}
