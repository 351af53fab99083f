import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, it } from 'vitest';

import { entryLeaf } from '../../src/event/entry.js';
import type { Verification } from '../../src/verify/verification.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { someEntries } from '../entries.js';
import { type Bed, KEY, openSqliteBed, sealEntries } from './bed.js';
import { LogRows } from './log-rows.js';

const VERIFIER = fileURLToPath(new URL('./independent.mjs', import.meta.url));
const HEX = ['id', 'payload_digest', 'salt'].map((name) => `lower(hex(${name})) AS ${name}`);
const PLAIN = [
  'v',
  'action',
  'outcome',
  'source',
  'actor_type',
  'actor_id',
  'tenant_id',
  'target_type',
].concat(['target_id', 'subject_id', 'process_id', 'process_n', 'count', 'payload']);

/** What the verifier that shares nothing with the library found. */
interface Independent {
  readonly wrong: readonly number[];
  readonly holds: readonly boolean[];
  readonly size: number;
  readonly covered: number;
}

const opened: Bed[] = [];

afterEach(async () => {
  for (const bed of opened.splice(0)) await bed.close();
});

async function sealed(): Promise<{ bed: Bed; rows: LogRows; ids: string[] }> {
  const bed = await openSqliteBed();
  opened.push(bed);
  const entries = someEntries(150, (n) => ({
    core: {
      tenant_id: n % 3 === 0 ? 'clinic-1' : undefined,
      target: n % 4 === 0 ? undefined : { type: 'Patient', id: n % 4 === 1 ? undefined : `n° ${n} "ü" 😀` },
      subject_id: n % 5 === 0 ? `p${n}` : undefined,
      process: n % 2 === 0 ? undefined : { id: 'a1b2c3d4e5f60718', n: (n + 1) / 2 },
      count: n % 7 === 0 ? 4 : undefined,
    },
    payload: { reason: `check-up ${n} – \u2028 "quoted"`, after: { amount: 12, note: 'ü' } },
  }));
  await sealEntries(bed.store, entries, 37);
  return { bed, rows: new LogRows(bed), ids: entries.map(({ core }) => core.id) };
}

/** Out of the file by plain SQL, as anybody could take it. */
async function exported(bed: Bed): Promise<object> {
  const events = await bed.run(`SELECT ${[...HEX, ...PLAIN].join(', ')} FROM indelible_event`);
  const runs = await bed.run(
    'SELECT lower(hex(ids)) AS ids, lower(hex(hashes)) AS hashes FROM indelible_seal ORDER BY first_index',
  );
  const notes = await bed.run('SELECT note FROM indelible_checkpoint ORDER BY place');
  const leaves = runs.flatMap(({ ids, hashes }) =>
    (String(ids).match(/.{32}/g) ?? []).map((id, n) => ({
      id: dashed(id),
      hash: String(hashes).slice(n * 64, n * 64 + 64),
    })),
  );
  return {
    key: KEY.verifierKey,
    events: events.map((row) => ({ ...row, id: dashed(String(row['id'])), salt: row['salt'] || null })),
    leaves,
    checkpoints: notes.map(({ note }) => note),
  };
}

function dashed(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function both(bed: Bed): Promise<{ own: Verification; other: Independent }> {
  const input = JSON.stringify(await exported(bed));
  const { stdout, stderr } = spawnSync(process.execPath, [VERIFIER], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(stderr).toBe('');
  const own = await verifyTrail(bed.fresh(), { keys: [KEY.verifierKey] });
  return { own, other: JSON.parse(stdout) as Independent };
}

function wrongIn({ violations }: Verification): (number | null)[] {
  return violations
    .filter(({ verdict }) => ['TAMPERED', 'MISSING'].includes(verdict))
    .map(({ index }) => index);
}

it('a verifier that shares nothing with the library finds nothing wrong either', async () => {
  const { bed } = await sealed();
  const { own, other } = await both(bed);
  expect(other).toEqual({ wrong: [], holds: [true, true, true, true, true], size: 150, covered: 150 });
  expect(own).toMatchObject({ isGood: true, to: other.size, proved: other.covered, checkpoints: 5 });
});

it('both find the same events and checkpoints wrong', async () => {
  const { bed, rows, ids } = await sealed();
  await bed.run(`UPDATE indelible_event SET outcome = 'denied' WHERE id = ${bed.id(ids[8] ?? '')}`);
  await bed.run(`UPDATE indelible_event SET payload = '{}' WHERE id = ${bed.id(ids[60] ?? '')}`);
  await bed.run(`DELETE FROM indelible_event WHERE id = ${bed.id(ids[140] ?? '')}`);
  await bed.run("UPDATE indelible_checkpoint SET note = replace(note, '74', '75') WHERE place = 2");
  const { own, other } = await both(bed);
  expect(other).toMatchObject({ wrong: [8, 60, 140], holds: [true, false, true, true, true] });
  expect(wrongIn(own)).toEqual(other.wrong);
  expect(own).toMatchObject({ log: 'BAD_SIGNATURE', checkpoints: 4, proved: 150 });
  await rows.setHash(70, entryLeaf(someEntries(1)[0] ?? never()));
  const forked = await both(bed);
  expect(forked.other).toMatchObject({ wrong: [8, 60, 70, 140], holds: [true, false, false, false, false] });
  expect(wrongIn(forked.own)).toEqual(forked.other.wrong);
});

function never(): never {
  throw new Error('no entry');
}
