import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';

import { createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { removeTemporaryFolders, temporaryFolder } from '../test-trail.js';

const FIXTURE = fileURLToPath(new URL('./fixture-flood.ts', import.meta.url));
const ATTEMPTS = 500;

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  removeTemporaryFolders();
});

interface Row {
  readonly count: number;
  readonly says: 'folding' | 'folded' | null;
}

/** What a flood leaves in the store when its process is ended by a signal, once the next one has begun. */
async function floodUntil(signal: 'SIGKILL' | 'SIGTERM'): Promise<Row[]> {
  const dir = temporaryFolder();
  const [file, spool] = [path.join(dir, 'audit.db'), path.join(dir, 'spool')];
  const args = ['--import', 'tsx', FIXTURE, file, spool, String(ATTEMPTS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  child.kill(signal);
  await ended;
  const audit = createAudit({
    store: createSqliteStore({ path: file }),
    spool: { dir: spool },
    log: () => undefined,
  });
  await audit.ready();
  await audit.close();
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare(
      `SELECT coalesce(count, 1) AS count,
        CASE WHEN payload LIKE '%"folding":true%' THEN 'folding' WHEN payload LIKE '%"folded":true%' THEN 'folded' END AS says
      FROM indelible_event WHERE action = 'LOGIN_FAILED' ORDER BY id`,
    )
    .all() as Row[];
  db.close();
  return rows;
}

describe('P30: a process that ends in the middle of a flood', () => {
  it('P30: killed, has lost no more than what it had said that it counts', async () => {
    const rows = await floodUntil('SIGKILL');
    expect(rows.slice(0, 21).map(({ count, says }) => `${count} ${says}`)).toEqual([
      ...Array<string>(20).fill('1 null'),
      '1 folding',
    ]);
    const counted = rows.slice(21);
    expect(counted.every(({ says }) => says === 'folded')).toBe(true);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(ATTEMPTS - 21);
  }, 60_000);

  it('P30: told to end, tells first what it has counted', async () => {
    const rows = await floodUntil('SIGTERM');
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(ATTEMPTS);
    expect(rows.at(-1)).toMatchObject({ says: 'folded' });
  }, 60_000);
});
