import { afterAll, afterEach, describe, expect, it } from 'vitest';

import type { Entry } from '../../src/event/entry.js';
import { entryLeaf, payloadDigest } from '../../src/event/entry.js';
import { Frontier } from '../../src/integrity/frontier.js';
import { signCheckpoint } from '../../src/integrity/checkpoint.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { verifyEvent } from '../../src/verify/verify-event.js';
import type { Verification } from '../../src/verify/verification.js';
import type { VerifyOptions } from '../../src/verify/options.js';
import { someEntries, someEntry } from '../entries.js';
import { type Bed, BEDS, KEY, sealEntries, sealNext } from './bed.js';
import { LogRows } from './log-rows.js';

const OTHER = SigningKey.create(KEY.name);
const CORE: readonly (readonly [column: string, value: string])[] = [
  ['v', '2'],
  ['action', "'EXPORT'"],
  ['outcome', "'denied'"],
  ['source', "'manual'"],
  ['actor_type', "'system'"],
  ['actor_id', "'u2'"],
  ['actor_id', 'NULL'],
  ['tenant_id', "'clinic-2'"],
  ['tenant_id', "''"],
  ['target_type', "'Invoice'"],
  ['target_id', "'43'"],
  ['subject_id', "'p2'"],
  ['process_id', "'0000000000000000'"],
  ['process_n', '2'],
  ['process_id', 'NULL'],
  ['process_n', 'NULL'],
  ['count', '4'],
  ['count', '-3'],
  ['count', 'NULL'],
];

/** Sixty events with every column of the core, sealed by the ten. */
function filled(): Entry[] {
  return someEntries(60, (n) => ({
    core: {
      tenant_id: 'clinic-1',
      target: { type: 'Patient', id: '42' },
      subject_id: 'p1',
      process: { id: 'a1b2c3d4e5f60718', n: n + 1 },
      count: 3,
    },
    payload: { reason: `check-up ${n}` },
  }));
}

/** What is wrong, by verdict, index and id. */
function found({ violations }: Verification): unknown[][] {
  return violations.map(({ verdict, index, last, id }) => [
    verdict,
    index,
    ...(last === null ? [] : [last]),
    id,
  ]);
}

describe.each(BEDS)('verifying a trail in $name', ({ open }) => {
  const opened: Bed[] = [];

  let kept:
    | { readonly bed: Bed; readonly entries: Entry[]; readonly restore: () => Promise<void> }
    | undefined;

  /** The same trail for every test, as it was before anybody laid hands on it. */
  async function sealed(): Promise<{ bed: Bed; rows: LogRows; ids: string[]; entries: Entry[] }> {
    kept ??= await keep();
    await kept.restore();
    const { bed, entries } = kept;
    return { bed, rows: new LogRows(bed), entries, ids: entries.map(({ core }) => core.id) };
  }

  async function keep(): Promise<NonNullable<typeof kept>> {
    const bed = await open();
    opened.push(bed);
    const entries = filled();
    await sealEntries(bed.store, entries);
    return { bed, entries, restore: await bed.backup() };
  }

  function verify(bed: Bed, options: Partial<VerifyOptions> = {}): Promise<Verification> {
    return verifyTrail(bed.fresh(), { keys: [KEY.verifierKey], ...options });
  }

  afterEach(async () => {
    for (const bed of opened) await bed.release();
  });
  afterAll(async () => {
    for (const bed of opened.splice(0)) await bed.close();
  });

  it('P32: finds nothing wrong with what nobody touched, read by another connection', async () => {
    const { bed } = await sealed();
    expect(await verify(bed)).toMatchObject({
      isGood: true,
      isProvable: true,
      log: 'CONSISTENT',
      assurance: 'tamper-detecting',
      origin: KEY.name,
      from: 0,
      to: 60,
      proved: 60,
      checkpoints: 6,
      counts: { VALID: 60, PENDING: 0, PURGED: 0, ERASED: 0, TAMPERED: 0, MISSING: 0 },
      violations: [],
      violationCount: 0,
    });
  });

  it('P33: names an event whichever column of its core was changed', async () => {
    const { bed, ids } = await sealed();
    const id = ids[23] ?? '';
    for (const [column, value] of CORE) {
      const [before] = await bed.run(
        `SELECT ${column} AS value FROM indelible_event WHERE id = ${bed.id(id)}`,
      );
      await bed.run(`UPDATE indelible_event SET ${column} = ${value} WHERE id = ${bed.id(id)}`);
      const result = await verify(bed);
      expect([column, ...found(result).filter(([verdict]) => verdict !== 'GAP')]).toEqual([
        column,
        ['TAMPERED', 23, id],
      ]);
      expect(result).toMatchObject({ isGood: false, counts: { VALID: 59, TAMPERED: 1 }, proved: 60 });
      await bed.run(
        `UPDATE indelible_event SET ${column} = '${String(before?.['value'])}' WHERE id = ${bed.id(id)}`,
      );
    }
    expect(await verify(bed)).toMatchObject({ isGood: true });
  });

  it.each([
    ['payload', '\'{"reason":"nothing"}\''],
    ['payload', 'NULL'],
    ['salt', 'NULL'],
  ])('P33: names the event whose %s was set to %s', async (column, value) => {
    const { bed, ids } = await sealed();
    await bed.run(`UPDATE indelible_event SET ${column} = ${value} WHERE id = ${bed.id(ids[0] ?? '')}`);
    expect(found(await verify(bed)).filter(([verdict]) => verdict !== 'GAP')).toEqual([
      ['TAMPERED', 0, ids[0]],
    ]);
  });

  it('P33: names an event whose payload was replaced together with its digest', async () => {
    const { bed, ids, entries } = await sealed();
    const payload = '{"reason":"nothing"}';
    const digest = Buffer.from(payloadDigest(entries[7]?.salt ?? '', payload), 'hex');
    await bed.run(
      `UPDATE indelible_event SET payload = '${payload}', payload_digest = ${bed.bytes(digest)} WHERE id = ${bed.id(ids[7] ?? '')}`,
    );
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['TAMPERED', 7, ids[7]]);
    expect(result.counts).toMatchObject({ VALID: 59, TAMPERED: 1 });
  });

  it.each([
    ['head', 0],
    ['middle', 31],
    ['tail', 59],
  ])('P33: names an event that was deleted at the %s', async (_, n) => {
    const { bed, ids } = await sealed();
    await bed.run(`DELETE FROM indelible_event WHERE id = ${bed.id(ids[n] ?? '')}`);
    const result = await verify(bed);
    expect(found(result)).toEqual([['MISSING', n, ids[n]]]);
    expect(result).toMatchObject({ isGood: false, log: 'CONSISTENT', counts: { VALID: 59, MISSING: 1 } });
    expect(await verifyEvent(bed.fresh(), ids[n] ?? '', { keys: [KEY.verifierKey] })).toMatchObject({
      verdict: 'MISSING',
      index: n,
    });
  });

  it('P33: names both events whose payloads were swapped', async () => {
    const { bed, ids, entries } = await sealed();
    for (const [at, from] of [
      [11, 12],
      [12, 11],
    ] as const) {
      const salt = bed.bytes(Buffer.from(entries[from]?.salt ?? '', 'hex'));
      await bed.run(
        `UPDATE indelible_event SET payload = '${entries[from]?.payload}', salt = ${salt} WHERE id = ${bed.id(ids[at] ?? '')}`,
      );
    }
    expect(found(await verify(bed)).filter(([verdict]) => verdict === 'TAMPERED')).toEqual([
      ['TAMPERED', 11, ids[11]],
      ['TAMPERED', 12, ids[12]],
    ]);
  });

  it('P33: names an event that was slipped in behind the log', async () => {
    const { bed } = await sealed();
    const entry = someEntry();
    await bed.slipIn(entry);
    const result = await verify(bed);
    expect(found(result)).toEqual([['TAMPERED', null, entry.core.id]]);
    expect(result.counts).toMatchObject({ VALID: 60, TAMPERED: 1, PENDING: 0 });
  });

  it('P33: names an event that was slipped in with a place of its own in the log', async () => {
    const { bed, rows, ids } = await sealed();
    const entry = someEntry();
    await bed.slipIn(entry);
    await rows.setIds(30, (run, n) => run.with(n, entry.core.id));
    await rows.setHash(30, entryLeaf(entry));
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['FORK', 30, 39, null]);
    expect(found(result)).toContainEqual(['TAMPERED', null, ids[30]]);
    expect(result).toMatchObject({ log: 'FORK', proved: 30 });
  });

  it('P33: tells of leaves without a checkpoint when the log was lengthened by hand', async () => {
    const { bed } = await sealed();
    await bed.store.append([someEntry()]);
    await sealNext(bed.store, 10, OTHER);
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['BAD_SIGNATURE', 60, 60, null]);
    expect(result).toMatchObject({ log: 'BAD_SIGNATURE', proved: 60, to: 61 });
  });

  it('P33: finds where a row was rewritten together with its leaf', async () => {
    const { bed, rows, ids, entries } = await sealed();
    const entry = entries[44];
    if (entry === undefined) throw new Error('no such entry');
    await bed.run(`UPDATE indelible_event SET actor_id = 'u2' WHERE id = ${bed.id(ids[44] ?? '')}`);
    await rows.setHash(
      44,
      entryLeaf({ ...entry, core: { ...entry.core, actor: { type: 'user', id: 'u2' } } }),
    );
    const result = await verify(bed);
    expect(found(result)).toEqual([['FORK', 40, 49, null]]);
    expect(result).toMatchObject({ log: 'FORK', proved: 40 });
    expect((await verifyEvent(bed.fresh(), ids[44] ?? '', { keys: [KEY.verifierKey] })).log).toBe('FORK');
  });

  it.each([3, 40, 59])('P33: names the leaf %i whose hash was flipped, and goes on behind it', async (n) => {
    const { bed, rows, ids } = await sealed();
    const hash = Buffer.from(await rows.hash(n));
    hash.writeUInt8(hash.readUInt8(5) ^ 1, 5);
    await rows.setHash(n, hash);
    const result = await verify(bed);
    expect(found(result)).toEqual([['TAMPERED', n, ids[n]]]);
    expect(result).toMatchObject({ log: 'CONSISTENT', proved: 60 });
  });

  it('P33: names a leaf whose id was altered, and the event it had', async () => {
    const { bed, rows, ids } = await sealed();
    const strange = someEntry().core.id;
    await rows.setIds(17, (run, n) => run.with(n, strange));
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['MISSING', 17, strange]);
    expect(found(result)).toContainEqual(['TAMPERED', null, ids[17]]);
  });

  it('P33: names both leaves whose ids were swapped', async () => {
    const { bed, rows, ids } = await sealed();
    await rows.setIds(20, (run, n) => run.with(n, run[n + 1] ?? '').with(n + 1, run[n] ?? ''));
    const tampered = found(await verify(bed)).filter(([verdict]) => verdict === 'TAMPERED');
    expect(tampered).toEqual([
      ['TAMPERED', 20, ids[21]],
      ['TAMPERED', 21, ids[20]],
    ]);
  });

  it('P33: tells where leaves were taken out of the log', async () => {
    const { bed, ids } = await sealed();
    await bed.run(`DELETE FROM indelible_seal WHERE ${bed.first} = 20`);
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['FORK', 20, 29, null]);
    for (const id of ids.slice(20, 30)) expect(found(result)).toContainEqual(['TAMPERED', null, id]);
    expect(result.proved).toBe(20);
  });

  it.each([0, 3])('P33: tells of the checkpoint whose signature or text was altered at %i', async (n) => {
    const { bed } = await sealed();
    const [, , third] = await bed.run('SELECT note FROM indelible_checkpoint ORDER BY place');
    const lines = String(third?.['note']).split('\n');
    lines[n] = n === 0 ? 'example.com/other' : `${lines[n]} `;
    if (n === 3) lines[4] = (lines[4] ?? '').replace(/.{4}$/, 'AAA=');
    await bed.run(`UPDATE indelible_checkpoint SET note = '${lines.join('\n')}' WHERE place = 3`);
    const result = await verify(bed);
    expect(found(result)).toEqual([['BAD_SIGNATURE', 29, null]]);
    expect(result).toMatchObject({ log: 'BAD_SIGNATURE', checkpoints: 5, proved: 60 });
  });

  it('P33: tells of a checkpoint that stands at another size than it was signed for', async () => {
    const { bed } = await sealed();
    await bed.run('UPDATE indelible_checkpoint SET size = 25 WHERE place = 3');
    const result = await verify(bed);
    expect(result).toMatchObject({
      log: 'FORK',
      violations: [{ verdict: 'FORK', index: 24 }],
      violationCount: 1,
    });
  });

  it('P33: tells of a checkpoint that was taken away, and of one that was put in its place', async () => {
    const { bed } = await sealed();
    await bed.run('DELETE FROM indelible_checkpoint WHERE place = 4');
    expect(await verify(bed)).toMatchObject({ log: 'GAP', violationCount: 1 });
    await bed.run(
      'INSERT INTO indelible_checkpoint (place, size, note) SELECT 4, size, note FROM indelible_checkpoint WHERE place = 1',
    );
    expect(await verify(bed)).toMatchObject({ log: 'FORK', violationCount: 1 });
  });

  it('P33: tells of a node that is not the root of its leaves, or is gone', async () => {
    const { bed } = await sealed();
    await sealEntries(bed.store, someEntries(500), 100);
    expect(await verify(bed)).toMatchObject({ isGood: true, proved: 560 });
    await bed.run(
      `UPDATE indelible_node SET hash = ${bed.bytes(Buffer.alloc(32, 7))} WHERE level = 1 AND ${bed.nodeIndex} = 1`,
    );
    expect(found(await verify(bed))).toEqual([['FORK', 256, 511, null]]);
    await bed.run(`DELETE FROM indelible_node WHERE ${bed.nodeIndex} = 0`);
    expect(found(await verify(bed))).toContainEqual(['FORK', 0, 255, null]);
  });

  it('P33: tells of a head that is not that of the leaves, or is gone', async () => {
    const { bed, rows } = await sealed();
    await rows.setHead(`root = ${bed.bytes(Buffer.alloc(32, 7))}`);
    expect(await verify(bed)).toMatchObject({ log: 'FORK', violationCount: 1, proved: 60 });
    await bed.run('DELETE FROM indelible_head');
    expect(await verify(bed)).toMatchObject({ log: 'FORK', proved: 60 });
  });

  it('P33: sees a tail that was cut off with its checkpoints only by what is known elsewhere', async () => {
    const { bed, rows, entries, ids } = await sealed();
    const anchor = await bed.store.lastCheckpoint();
    const known = [anchor?.note ?? ''];
    expect(await verify(bed, { knownCheckpoints: known })).toMatchObject({
      isGood: true,
      assurance: 'tamper-evident',
      known: 1,
    });
    const frontier = new Frontier();
    for (const entry of entries.slice(0, 40)) frontier.append(entryLeaf(entry));
    await rows.cutTo(40, { root: frontier.root(), frontier: frontier.hashes });
    for (const id of ids.slice(40)) await bed.run(`DELETE FROM indelible_event WHERE id = ${bed.id(id)}`);
    expect(await verify(bed)).toMatchObject({ isGood: true, assurance: 'tamper-detecting', to: 40 });
    const result = await verify(bed, { knownCheckpoints: known });
    expect(found(result)).toEqual([['ROLLBACK', 40, 59, null]]);
    expect(result).toMatchObject({ log: 'ROLLBACK', assurance: 'tamper-detecting', known: 0 });
  });

  it('P33: sees a tail that was cut off and left its checkpoints or its head', async () => {
    const { bed } = await sealed();
    await bed.run(`DELETE FROM indelible_seal WHERE ${bed.first} >= 40`);
    const result = await verify(bed);
    expect(found(result)).toContainEqual(['ROLLBACK', 40, 59, null]);
    expect(result).toMatchObject({ log: 'ROLLBACK', proved: 40 });
  });

  it('P33: sees that everything was written anew without the key', async () => {
    const { bed } = await sealed();
    const anchor = await bed.store.lastCheckpoint();
    for (const table of ['event', 'seal', 'checkpoint', 'node'])
      await bed.run(`DELETE FROM indelible_${table}`);
    const place = bed.first === 'first' ? "place = ''" : 'place = 0';
    await bed.run(
      `UPDATE indelible_head SET size = 0, root = ${bed.bytes(new Frontier().root())}, frontier = ${bed.bytes(Buffer.alloc(0))}, ${place}`,
    );
    if (bed.first !== 'first') await bed.run('DELETE FROM sqlite_sequence');
    await sealEntries(bed.fresh(), filled(), 10, OTHER);
    const result = await verify(bed);
    expect(result).toMatchObject({ log: 'BAD_SIGNATURE', proved: 0, checkpoints: 0, counts: { VALID: 60 } });
    expect(found(result)).toContainEqual(['BAD_SIGNATURE', 0, 59, null]);
    const forged = await verifyTrail(bed.fresh(), { keys: [KEY.verifierKey, OTHER.verifierKey] });
    expect(forged.isGood).toBe(true);
    const held = await verifyTrail(bed.fresh(), {
      keys: [KEY.verifierKey, OTHER.verifierKey],
      knownCheckpoints: [{ name: 'the anchor', note: anchor?.note ?? '' }],
    });
    expect(found(held)).toEqual([['FORK', 0, 59, null]]);
  });

  it('P33: sees an old backup that was restored by what is known elsewhere', async () => {
    const { bed } = await sealed();
    const restore = await bed.backup();
    await sealEntries(bed.store, someEntries(20));
    const anchor = await bed.store.lastCheckpoint();
    await restore();
    expect(await verify(bed)).toMatchObject({ isGood: true, to: 60 });
    const result = await verify(bed, {
      knownCheckpoints: [{ name: 'the anchor', note: anchor?.note ?? '' }],
    });
    expect(found(result)).toEqual([['ROLLBACK', 60, 79, null]]);
  });

  it('P33: sees a log that was restored and went on another way', async () => {
    const { bed } = await sealed();
    const frontier = new Frontier();
    for (const entry of someEntries(60)) frontier.append(entryLeaf(entry));
    const note = signCheckpoint({ origin: KEY.name, size: 60, root: frontier.root() }, KEY);
    expect(found(await verify(bed, { knownCheckpoints: [note] }))).toEqual([['FORK', 0, 59, null]]);
    const other = signCheckpoint(
      { origin: 'example.com/other', size: 60, root: (await bed.store.head()).root },
      KEY,
    );
    expect((await verify(bed, { knownCheckpoints: [other] })).log).toBe('FORK');
    expect((await verify(bed, { origin: 'example.com/other' })).log).toBe('FORK');
  });

  it('P35: keeps old events valid when a later version adds a column, and tells of a version it does not know', async () => {
    const { bed, ids } = await sealed();
    await bed.run('ALTER TABLE indelible_event ADD COLUMN purpose text');
    expect(await verify(bed)).toMatchObject({ isGood: true });
    await sealEntries(bed.store, [someEntry({ core: { v: 2 } })]);
    expect(await verify(bed)).toMatchObject({ isGood: true, proved: 61 });
    await bed.run(`UPDATE indelible_event SET v = 3 WHERE id = ${bed.id(ids[5] ?? '')}`);
    expect((await verify(bed)).violations[0]?.what).toContain('of version 3');
  });

  it('P35: takes a new key, and the key before it for what that signed', async () => {
    const { bed } = await sealed();
    await sealEntries(bed.store, someEntries(5), 10, OTHER);
    const keys = [KEY.verifierKey, OTHER.verifierKey];
    expect(await verify(bed, { keys })).toMatchObject({ isGood: true, checkpoints: 7 });
    expect(await verify(bed, { keys: [OTHER.verifierKey] })).toMatchObject({
      log: 'BAD_SIGNATURE',
      checkpoints: 1,
    });
  });

  it('counts what waits for its leaf, and tells when it has waited too long', async () => {
    const { bed, ids } = await sealed();
    const entries = someEntries(3);
    await bed.store.append(entries);
    expect(await verify(bed)).toMatchObject({ isGood: true, counts: { VALID: 60, PENDING: 3 } });
    const late = await verify(bed, { maxPendingMs: -60_000 });
    expect(late.violations).toMatchObject([{ verdict: 'PENDING', id: entries[0]?.core.id }]);
    const id = entries[1]?.core.id ?? '';
    expect(await verifyEvent(bed.fresh(), id, { keys: [KEY.verifierKey] })).toMatchObject({
      verdict: 'PENDING',
      isGood: true,
    });
    await bed.run(`UPDATE indelible_event SET payload = '{}' WHERE id = ${bed.id(id)}`);
    expect(found(await verify(bed))).toEqual([['TAMPERED', null, id]]);
    expect(await verifyEvent(bed.fresh(), ids[9] ?? '', { keys: [KEY.verifierKey] })).toMatchObject({
      verdict: 'VALID',
      isGood: true,
      index: 9,
      checkpoint: { origin: KEY.name, size: 60 },
    });
  });

  it('proves nothing of a trail that was never sealed', async () => {
    const bed = await open();
    opened.push(bed);
    expect(await verify(bed)).toMatchObject({
      isGood: false,
      isProvable: false,
      assurance: 'none',
      violationCount: 0,
    });
  });
});
