import { sql } from 'kysely';

import { AuditError } from '../../event/errors.js';
import { type Dialect, like, postgresCompiler } from '../sql/dialect.js';
import type { Execute, Row } from '../sql/reader.js';
import type { Connection, Connections } from './connections.js';
import { type CopyOut, copyOut } from './copy-out.js';
import { sqlState } from './failure.js';
import { SELECTED } from './rows.js';
import { TALLIES } from './sealing/tallies.js';
import { Turns } from './turns.js';

/** What the client waits beyond the server's own time limit before it gives the connection up. */
const GRACE_MS = 2_000;
/** One part of a walk over everything. A month of a large trail may have to be read for it. */
const SWEEP_MS = 600_000;
/** The least budget with which a question may use several processes of the server. */
const WORKERS_FROM_MS = 1_000;
/** Connections that questions leave free, so that slow ones never keep an append waiting. */
const FOR_WRITING = 2;
/** Rows that are read at a time where there may be thousands. */
const PART = 1_000;
const BY_INDEX = '; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off';

/** Three letters or digits in a row: the least that the trigram index can be asked for. */
const TRIGRAM = /[\p{L}\p{N}]{3}/u;

/** How questions are put to PostgreSQL. Without an index for texts a search reads rows, a bounded number at a time. */
export function dialect(hasTextIndex: () => boolean): Dialect {
  return {
    columns: SELECTED,
    id: (id) => sql`${id}::uuid`,
    idText: String,
    contains: like,
    isIndexed: (text) => hasTextIndex() && TRIGRAM.test(text),
    compile: postgresCompiler(),
    tallies: TALLIES,
  };
}

export interface ReadingSettings {
  readonly max: number;
  readonly readTimeoutMs: number;
}

/** Sends questions, each in a read-only transaction of its own with a time limit that the server keeps. */
export function reading(connections: Connections, { max, readTimeoutMs }: ReadingSettings): Execute {
  return asking(connections, new Turns(Math.max(1, max - FOR_WRITING)), readTimeoutMs, '');
}

/**
 * Sends the questions of the log, one at a time, so that they wait for none of the others. What is new is found in
 * an index and in its order, however the planner would weigh it: its figures are old where events are new.
 */
export function searching(connections: Connections, readTimeoutMs: number): Execute {
  return asking(connections, new Turns(1), readTimeoutMs, BY_INDEX);
}

/** The same for many rows, which come part by part: thousands at once would hold up the application for long. */
export function searchingInParts(connections: Connections, readTimeoutMs: number): Execute {
  return asking(connections, new Turns(1), readTimeoutMs, BY_INDEX, fetchAll);
}

/**
 * Walks through what there is, for as long as that takes; by an index on a column alone where one is named. A walk
 * takes its turn after another, and from no reader.
 */
export function sweeping(connections: Connections, column?: 'recorded_at'): Execute {
  const byIndex =
    column === undefined ? '' : '; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off';
  return asking(connections, new Turns(1), SWEEP_MS, byIndex);
}

/**
 * Sends statements that copy out, each with its transaction at once: the server works through it however busy this
 * process is. One at a time, from no reader's turn, and within the time of a question.
 */
export function copying(connections: Connections, readTimeoutMs: number): CopyOut {
  const turns = new Turns(1);
  const limit = Math.max(1, Math.ceil(readTimeoutMs));
  const begin = beginning(settingsFor(limit));
  return (statement, expected) =>
    turns.take(() =>
      connections.use(readTimeoutMs + GRACE_MS, async (connection) => {
        try {
          return await copyOut(connection, `${begin}; ${statement}; COMMIT`, expected);
        } catch (error) {
          throw await undone(connection, limit, error);
        }
      }),
    );
}

type Read = (connection: Connection, text: string, values: unknown[]) => Promise<readonly Row[]>;

async function readAll(connection: Connection, text: string, values: unknown[]): Promise<readonly Row[]> {
  return (await connection.query<Row>(text, values)).rows;
}

async function fetchAll(connection: Connection, text: string, values: unknown[]): Promise<readonly Row[]> {
  await connection.query(`DECLARE indelible_part NO SCROLL CURSOR FOR ${text}`, values);
  const all: Row[] = [];
  for (;;) {
    const { rows } = await connection.query<Row>(`FETCH ${PART} FROM indelible_part`);
    for (const row of rows) all.push(row);
    if (rows.length < PART) return all;
  }
}

function asking(
  connections: Connections,
  turns: Turns,
  readTimeoutMs: number,
  plan: string,
  read: Read = readAll,
): Execute {
  return ({ sql: text, parameters }, budgetMs = readTimeoutMs) => {
    const limit = Math.max(1, Math.ceil(budgetMs));
    const settings = settingsFor(limit) + plan;
    return turns.take(() =>
      connections.use(budgetMs + GRACE_MS, (connection) =>
        transact(connection, { limit, settings }, () => read(connection, text, [...parameters])),
      ),
    );
  };
}

/**
 * Read committed, whatever the database's default: a snapshot taken before the table's lock is granted would miss
 * the events that were just brought from the default partition to their month.
 */
async function transact<T>(
  connection: Connection,
  { limit, settings }: { readonly limit: number; readonly settings: string },
  work: () => Promise<T>,
): Promise<T> {
  await connection.query(beginning(settings));
  try {
    const answer = await work();
    await connection.query('COMMIT');
    return answer;
  } catch (error) {
    throw await undone(connection, limit, error);
  }
}

function beginning(settings: string): string {
  return `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ${settings}`;
}

/** Ends the transaction that a statement failed in; answers with what is to be thrown. */
async function undone(connection: Connection, limit: number, error: unknown): Promise<unknown> {
  if (sqlState(error) === undefined) return error;
  await connection.query('ROLLBACK');
  return sqlState(error) === '57014' ? timeout(limit, error) : error;
}

/**
 * Compiling a plan to machine code costs more than it saves for plans over many partitions and few rows. Parallel
 * workers take about 10 ms to start and to stop: too long for a question with a small budget.
 */
function settingsFor(limit: number): string {
  const workers = limit < WORKERS_FROM_MS ? '; SET LOCAL max_parallel_workers_per_gather = 0' : '';
  return `SET LOCAL statement_timeout = ${limit}; SET LOCAL jit = off${workers}`;
}

function timeout(ms: number, cause: unknown): AuditError {
  return new AuditError(
    'QUERY_TIMEOUT',
    `The question took longer than the ${ms} ms allowed: narrow it, for instance to a range of dates.`,
    cause,
  );
}
