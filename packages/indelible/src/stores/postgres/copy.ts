import { from as copyFrom } from 'pg-copy-streams';

import type { Connection } from './connections.js';
import type { Value } from './rows.js';

/** Rows in one piece of text: large enough to be cheap, small enough to build while the server works on the last. */
const CHUNK_ROWS = 250;

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** The text that COPY reads rows from, in pieces. */
export function* copyText<T>(items: readonly T[], toRow: (item: T) => readonly Value[]): Generator<string> {
  for (let at = 0; at < items.length; at += CHUNK_ROWS) {
    let chunk = '';
    for (const item of items.slice(at, at + CHUNK_ROWS)) chunk += copyLine(toRow(item));
    yield chunk;
  }
}

function copyLine(row: readonly Value[]): string {
  let line = '';
  for (let i = 0; i < row.length; i += 1) line += (i === 0 ? '' : '\t') + copyField(row[i] ?? null);
  return `${line}\n`;
}

function copyField(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return SPECIAL.test(value) ? value.replaceAll(/[\\\t\n\r]/g, (special) => ESCAPES[special] ?? '') : value;
}

/**
 * Sends the pieces one after the other, each when the one before is through, and resolves with the number of rows
 * when the server has committed. The server may refuse the rows while pieces are still to come: no more are
 * written then, since pg-copy-streams would write to a connection it has let go of.
 */
export function copy(connection: Connection, statement: string, chunks: Iterator<string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = connection.query(copyFrom(statement));
    let failed = false;
    const fail = (error: unknown): void => {
      failed = true;
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const next = (): void => {
      if (failed) return;
      try {
        const { done, value } = chunks.next();
        if (done === true) stream.end();
        else stream.write(value, next);
      } catch (error) {
        stream.destroy(error instanceof Error ? error : undefined);
        fail(error);
      }
    };
    stream.on('error', fail); // Stays, since a second error may follow the first.
    stream.on('finish', () => resolve(stream.rowCount));
    next();
  });
}
