import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';

import type { AuditError } from '../../src/index.js';
import { parseRanges } from '../../src/integrity/ranges.js';
import { manifestDigest } from '../../src/integrity/manifest-digest.js';
import { VOUCHING } from '../../src/retention/removing.js';
import { type Failpoint, PURGE_FAILPOINTS, REMOVAL_FAILPOINTS } from '../../src/stores/failpoints.js';
import { type Bed, daysAgo, KEY, openSqliteBed, verified } from '../retention/bed.js';
import { tracesIn } from '../retention/traces.js';
import { removeTemporaryFolders, temporaryFolder } from '../test-trail.js';
import { type PurgingTask, WHY } from './purging-task.js';

const FIXTURE = fileURLToPath(new URL('./fixture-purging.ts', import.meta.url));
const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 60 : 3;
const LONGEST_LIFE_MS = 200;
const BATCH = 4;
const NAME = 'Zebedee Quux';
const AT = daysAgo(2_191);

interface Scene {
  readonly task: PurgingTask;
  /** The ids of what must go, and of what must stay. */
  readonly gone: readonly string[];
  readonly stays: readonly string[];
}

type Kind = PurgingTask['kind'];

afterAll(removeTemporaryFolders);

/** Eleven old events about one person among young ones of others: a clean-up and an erasure mean the same eleven. */
async function setScene(kind: Kind): Promise<Scene> {
  const file = path.join(temporaryFolder(), 'audit.db');
  const bed = await openSqliteBed({ file });
  const gone = await bed.add(
    Array.from({ length: 11 }, (_, n) => ({
      at: AT + n,
      core: { subject_id: '42' },
      payload: { subject_label: NAME, reason: `visit ${n} of ${NAME}` },
      search: { text: NAME.toLowerCase(), subjects: ['42'] },
    })),
  );
  const stays = await bed.add(
    Array.from({ length: 5 }, (_, n) => ({ at: daysAgo(3, n), core: { subject_id: '43' } })),
  );
  await bed.close();
  return { task: { path: file, kind, key: KEY.encode(), batchSize: BATCH }, gone, stays };
}

/** One life of a process, killed by itself or some time after it has begun; answers what it said. */
async function live(
  task: PurgingTask,
  killAfterMs?: number,
): Promise<{ said: string; signal: string | null }> {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, complaints] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = once(child, 'close');
  if (killAfterMs !== undefined) {
    await Promise.race([once(child.stdout, 'data'), ended]);
    await sleep(killAfterMs);
    child.kill('SIGKILL');
  }
  const [, signal] = (await ended) as [number | null, string | null];
  expect(complaints).toBe('');
  return { said, signal };
}

interface Found {
  readonly gone: number;
  readonly removals: readonly {
    readonly event: string;
    readonly manifest: string;
    readonly isDone: boolean;
  }[];
  /** What vouching events say, by their ids. */
  readonly vouching: ReadonlyMap<string, string>;
}

/** What is in the file, read with nothing of ours. */
function look({ task: { path: file, kind }, gone, stays }: Scene): Found {
  const db = new Database(file, { readonly: true });
  const payloads = new Map(
    (
      db.prepare('SELECT lower(hex(id)) AS id, payload FROM indelible_event').all() as {
        id: string;
        payload: string | null;
      }[]
    ).map(({ id, payload }) => [id, payload]),
  );
  const isGone = (id: string): boolean => {
    const payload = payloads.get(id.replaceAll('-', ''));
    return kind === 'purge' ? payload === undefined : payload === null;
  };
  expect(stays.filter(isGone)).toEqual([]);
  const removals = db
    .prepare('SELECT lower(hex(event_id)) AS event, manifest, done_at FROM indelible_deletion')
    .all() as { event: string; manifest: string; done_at: number | null }[];
  const vouching = db
    .prepare('SELECT lower(hex(id)) AS id, payload FROM indelible_event WHERE action = ?')
    .all(VOUCHING[kind]) as { id: string; payload: string }[];
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
  return {
    gone: gone.filter(isGone).length,
    removals: removals.map(({ event, manifest, done_at }) => ({ event, manifest, isDone: done_at !== null })),
    vouching: new Map(
      vouching.map(({ id, payload }) => [
        id,
        (JSON.parse(payload) as { metadata: { manifest: string } }).metadata.manifest,
      ]),
    ),
  };
}

/** Nothing is gone that no decided removal names, and none is decided that no event vouches for. */
function expectVouchedFor(scene: Scene): Found {
  const found = look(scene);
  for (const { event, manifest } of found.removals) {
    expect(found.vouching.get(event)).toBe(manifestDigest(manifest));
    const { ranges, count } = JSON.parse(manifest) as { ranges: string; count: number };
    expect([parseRanges(ranges)?.count, count]).toEqual([scene.gone.length, scene.gone.length]);
  }
  expect(found.removals.length).toBeGreaterThanOrEqual(found.gone > 0 ? 1 : 0);
  return found;
}

async function goOn({ retention, erasure }: Bed, kind: Kind): Promise<void> {
  if (kind === 'purge') await retention.purge();
  else await erasure.erase('42', WHY);
}

/** Brings it to its end, and finds exactly what was to go gone, by one removal. */
async function expectToEnd(scene: Scene, told: number): Promise<void> {
  const bed = await openSqliteBed({ file: scene.task.path });
  await goOn(bed, scene.task.kind);
  const verdict = scene.task.kind === 'purge' ? 'PURGED' : 'ERASED';
  const { isGood, counts, removals } = await verified(bed);
  expect({ isGood, gone: counts[verdict], problems: removals.map(({ problem }) => problem) }).toEqual({
    isGood: true,
    gone: scene.gone.length,
    problems: [null],
  });
  await bed.close();
  const found = expectVouchedFor(scene);
  expect(found.gone).toBe(scene.gone.length);
  expect(found.removals.map(({ isDone }) => isDone)).toEqual([true]);
  expect(found.vouching.size).toBe(told);
  expect(tracesIn(scene.task.path, /zebedee|quux/)).toEqual([]);
}

/** Of eleven events four go at a time. */
const GONE_AT: Partial<Record<Failpoint, number>> = {
  'removal.committed': BATCH,
  'purge.batch': BATCH,
  'purge.finished': 11,
};
/** Until the event is sealed nothing is decided: the next time another one vouches. */
const BEFORE_DECISION: ReadonlySet<Failpoint> = new Set(['purge.recorded', 'purge.sealed']);

describe.each(['purge', 'erase'] as const)('a process that is killed while it would %s', (kind) => {
  it.each([...PURGE_FAILPOINTS, ...REMOVAL_FAILPOINTS])(
    'P49: at %s has removed nothing that is not vouched for, and is gone on with',
    async (at) => {
      const scene = await setScene(kind);
      expect(await live({ ...scene.task, dieAt: at })).toEqual({ said: 'ready\n', signal: 'SIGKILL' });
      const { gone, vouching } = expectVouchedFor(scene);
      expect([gone, vouching.size]).toEqual([GONE_AT[at] ?? 0, 1]);
      await expectToEnd(scene, BEFORE_DECISION.has(at) ? 2 : 1);
    },
  );

  it(
    'at any moment has removed nothing that is not vouched for, and is gone on with',
    async () => {
      const scene = await setScene(kind);
      for (let round = 0; round < ROUNDS; round += 1) {
        await live({ ...scene.task, batchSize: 1 }, Math.random() * LONGEST_LIFE_MS);
        expectVouchedFor(scene);
      }
      const { removals, vouching } = look(scene);
      await expectToEnd(scene, vouching.size + (removals.length === 0 ? 1 : 0));
    },
    ROUNDS * 30_000,
  );

  it('P49: two at once are as one', async () => {
    const scene = await setScene(kind);
    const beds = [
      await openSqliteBed({ file: scene.task.path }),
      await openSqliteBed({ file: scene.task.path }),
    ];
    const runs = await Promise.allSettled(beds.map((bed) => goOn(bed, kind)));
    for (const bed of beds) await bed.close();
    for (const run of runs)
      expect(run.status === 'fulfilled' ? 'done' : (run.reason as AuditError).code).toMatch(
        /^(done|REMOVAL_RUNNING)$/,
      );
    expect(runs.some(({ status }) => status === 'fulfilled')).toBe(true);
    await expectToEnd(scene, 1);
  });
});
