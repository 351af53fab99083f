import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { unzipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';

import {
  alter,
  bundleOf,
  independently,
  type Line,
  linesOf,
  verify,
} from '../../test/bundle/bundle-files.js';
import { type ClinicLog, EVERYTHING, openClinicLog } from '../../test/bundle/clinic-log.js';
import { someEntries, someEntry } from '../../test/entries.js';
import { sealPending } from '../../test/sealed-store.js';
import { SigningKey } from '../integrity/note-key.js';
import type { BundleOptions } from './create-bundle.js';
import { FILES, NAMES } from './layout.js';

const open: ClinicLog[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()));
});

async function openLog(count = 300): Promise<ClinicLog> {
  const log = await openClinicLog(count);
  open.push(log);
  return log;
}

describe('a bundle', () => {
  it.each(['folder', 'zip'])('of the whole log verifies as a %s, far from the store', async (form) => {
    const log = await openLog();
    const output = log.newPath(form === 'zip' ? 'evidence.zip' : 'evidence');
    await bundleOf(log, { output });
    const report = await verify(output, log);
    expect(report).toMatchObject({
      isProven: true,
      isSigned: true,
      isWhole: true,
      log: 'CONSISTENT',
      keys: 'pinned',
      origin: 'clinic.example/audit',
      size: 300,
      signedBy: [log.key.id],
      events: { VALID: 300, PENDING: 0, PURGED: 0, ERASED: 0, TAMPERED: 0, MISSING: 0 },
      findings: [],
    });
    expect(statSync(output).mode & 0o077).toBe(0);
    expect(existsSync(`${output}.partial`)).toBe(false);
  });

  it('is agreed upon by a second verifier, which shares no code with the first', async () => {
    const log = await openLog();
    await log.remove('erase', [4, 7]);
    await log.remove('purge', [9]);
    for (const query of [EVERYTHING, { ...EVERYTHING, where: { actions: ['READ'] } }]) {
      const folder = await bundleOf(log, { query });
      expect((await verify(folder, log)).isProven).toBe(true);
      expect(independently(folder, log)).toEqual({ isGood: true, problems: [] });
    }
  });

  it('holds the same in a .zip as in a folder, and the texts as they were hashed', async () => {
    const log = await openLog(20);
    const [folder, zip] = [await bundleOf(log), log.newPath('evidence.zip')];
    await bundleOf(log, { output: zip });
    const unzipped = unzipSync(readFileSync(zip));
    expect(Object.keys(unzipped).toSorted()).toEqual([...NAMES].toSorted());
    expect(readdirSync(folder).toSorted()).toEqual([...NAMES].toSorted());
    for (const name of [FILES.events, FILES.proofs, FILES.checkpoint, FILES.readme])
      expect(Buffer.from(unzipped[name] ?? [])).toEqual(readFileSync(join(folder, name)));
    const lines = linesOf(folder, FILES.events);
    expect(lines.map(({ payload }) => payload)).toEqual(log.entries.map(({ payload }) => payload));
    expect(lines[3]?.payload).toContain('\u2028');
  });

  it('holds what the question asks for and nothing else, each with its proof', async () => {
    const log = await openLog(60);
    const where = { actions: ['UPDATE'], subjectId: 'p2' };
    const folder = await bundleOf(log, { query: { ...EVERYTHING, where }, filter: { subject: 'p2' } });
    const wanted = log.entries.filter(({ core }) => core.action === 'UPDATE' && core.subject_id === 'p2');
    expect(wanted.length).toBeGreaterThan(3);
    expect(linesOf(folder, FILES.events).map(({ id }) => id)).toEqual(wanted.map(({ core }) => core.id));
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: true, isWhole: false, events: { VALID: wanted.length } });
    expect(JSON.parse(readFileSync(join(folder, FILES.manifest), 'utf8'))).toMatchObject({
      filter: { subject: 'p2' },
      is_truncated: false,
      is_whole: false,
    });
  });

  it('keeps within its tenant: nothing of another one is in any of its files', async () => {
    const log = await openLog(30);
    await log.store.append([
      someEntry({ core: { tenant_id: 'rival' }, payload: { reason: 'rival secret' } }),
    ]);
    await sealPending(log.store, log.key);
    const folder = await bundleOf(log, { query: { ...EVERYTHING, tenantId: 'acme' } });
    const lines = linesOf(folder, FILES.events);
    expect(lines.length).toBe(10);
    const others = log.entries.filter(({ core }) => core.tenant_id !== 'acme');
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect(text).not.toContain('rival');
      for (const { core, salt } of others)
        expect(text.includes(core.id) || text.includes(salt ?? '')).toBe(false);
    }
    expect((await verify(folder, log)).isProven).toBe(true);
  });

  it('holds events that are not sealed yet as pending, and says that they are not proved', async () => {
    const log = await openLog(10);
    await log.store.append(someEntries(2));
    const query = { ...EVERYTHING, where: { fromId: log.entries[0]?.core.id } };
    const folder = await bundleOf(log, { query });
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: true, events: { VALID: 10, PENDING: 2 } });
    alter(folder, FILES.events, (lines) =>
      lines.map((line) => (line.index === null ? { ...line, payload: '{}' } : line)),
    );
    expect((await verify(folder, log)).events).toMatchObject({ PENDING: 0, TAMPERED: 2 });
  });

  it('shows that the log continues the checkpoints that were anchored', async () => {
    const log = await openLog(300);
    const anchored = [(await log.store.lastCheckpoint())?.note ?? ''];
    await log.store.append(someEntries(400));
    await sealPending(log.store, log.key);
    const folder = await bundleOf(log, { anchored });
    expect(await verify(folder, log)).toMatchObject({ isProven: true, size: 700 });
    alter(folder, FILES.checkpoints, ([line]) => [{ ...line, proof: [] } as unknown as Line]);
    expect(await verify(folder, log)).toMatchObject({ isProven: false, log: 'FORK' });
  });

  it('refuses to be made of a log that does not continue what was anchored', async () => {
    const [log, longer] = [await openLog(10), await openLog(20)];
    const anchored = [(await longer.store.lastCheckpoint())?.note ?? ''];
    const keys = [log.key.verifierKey, longer.key.verifierKey];
    await expect(bundleOf(log, { anchored, keys })).rejects.toMatchObject({ code: 'LOG_INCONSISTENT' });
  });

  it('explains what was erased and purged by the events that vouch for it', async () => {
    const log = await openLog(30);
    const erased = await log.remove('erase', [4, 7, 8]);
    await log.remove('purge', [9, 10]);
    const folder = await bundleOf(log);
    expect(await verify(folder, log)).toMatchObject({
      isProven: true,
      events: { VALID: 27, ERASED: 3, PURGED: 2, TAMPERED: 0, MISSING: 0 },
    });
    const before = readFileSync(join(folder, FILES.removals), 'utf8');
    alter(folder, FILES.removals, (lines) => lines.filter(({ event }) => (event as Line).id !== erased));
    expect(await verify(folder, log)).toMatchObject({
      isProven: false,
      events: { ERASED: 0, MISSING: 3, PURGED: 2 },
    });
    writeFileSync(join(folder, FILES.removals), before.replace('4,7-8', '4,7-8,11'));
    const report = await verify(folder, log);
    expect(report.events).toMatchObject({ ERASED: 0, MISSING: 3 });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ verdict: 'TAMPERED', file: FILES.removals, id: erased }),
    );
  });

  it('P34: believes no removal that no key of the log has signed', async () => {
    const log = await openLog(30);
    const erased = await log.remove('erase', [4]);
    await log.remove('purge', [9]);
    const folder = await bundleOf(log);
    const notes = linesOf(folder, FILES.removals).map(({ note }) => note);
    alter(folder, FILES.removals, (lines) => lines.map((line, n) => ({ ...line, note: notes[1 - n] })));
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: false, events: { ERASED: 0, PURGED: 0, MISSING: 2 } });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ verdict: 'TAMPERED', file: FILES.removals, id: erased }),
    );
  });

  it('is refused for one tenant when it cannot explain what was erased for all of them', async () => {
    const log = await openLog(30);
    await log.remove('erase', [3]);
    const query = { ...EVERYTHING, tenantId: 'acme' };
    await expect(bundleOf(log, { query })).rejects.toMatchObject({
      code: 'NOT_PROVABLE',
      message: expect.stringMatching(/MISSING events.ndjson, leaf 3.*a bundle of all tenants only/) as string,
    });
    const folder = await bundleOf(log, { query, withFindings: true });
    expect(linesOf(folder, FILES.removals)).toEqual([]);
    expect((await verify(await bundleOf(log), log)).isProven).toBe(true);
  });

  it('tells of what was altered in the database before it was made', async () => {
    const log = await openLog(30);
    const id = log.entries[5]?.core.id ?? '';
    const path = join(log.newPath(), '..', 'audit.db');
    const db = new Database(path);
    for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all() as {
      name: string;
    }[])
      db.exec(`DROP TRIGGER "${name}"`);
    db.prepare(
      "UPDATE indelible_event SET payload = replace(payload, 'visit 5', 'visit 6') WHERE payload LIKE '%visit 5:%'",
    ).run();
    db.close();
    const output = log.newPath();
    await expect(bundleOf(log, { output })).rejects.toMatchObject({
      code: 'NOT_PROVABLE',
      message: expect.stringMatching(
        new RegExp(`would not verify: TAMPERED events.ndjson, leaf 5, ${id}: its payload is not`),
      ) as string,
    });
    expect(existsSync(output) || existsSync(`${output}.partial`)).toBe(false);
    const folder = await bundleOf(log, { output, withFindings: true });
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: false, events: { VALID: 29, TAMPERED: 1 } });
    expect(report.findings).toEqual([expect.objectContaining({ verdict: 'TAMPERED', id, index: 5 })]);
    expect(independently(folder, log).problems).toEqual([`${id} has another payload`]);
  });

  it('is not written over anything, and not left half written', async () => {
    const log = await openLog(5);
    const folder = await bundleOf(log);
    const before = readFileSync(join(folder, FILES.manifest));
    await expect(bundleOf(log, { output: folder })).rejects.toMatchObject({ code: 'BUNDLE_REFUSED' });
    expect(readFileSync(join(folder, FILES.manifest))).toEqual(before);
    const output = log.newPath('broken.zip');
    const store = { ...bound(log.store), leafHashes: () => Promise.reject(new Error('the disk is gone')) };
    await expect(bundleOf(log, { output, store })).rejects.toThrow(/could not be written.*the disk is gone/);
    expect(readdirSync(join(output, '..')).filter((name) => name.includes('broken'))).toEqual([]);
  });

  it('cannot be made of a log that nothing is sealed in, or whose key is not given', async () => {
    const [log, empty] = [await openLog(5), await openLog(0)];
    const store = { ...bound(empty.store), lastCheckpoint: async () => undefined };
    await expect(bundleOf(empty, { store })).rejects.toThrow(/nothing is sealed yet/);
    const keys = [SigningKey.create('clinic.example/audit').verifierKey];
    await expect(bundleOf(log, { keys })).rejects.toThrow(/signed by none of the keys/);
  });
});

function bound(store: ClinicLog['store']): BundleOptions['store'] {
  return {
    get: (id, tenantId) => store.get(id, tenantId),
    stream: (query) => store.stream(query),
    lastCheckpoint: () => store.lastCheckpoint(),
    leaves: (from, limit) => store.leaves(from, limit),
    leafHashes: (from, to) => store.leafHashes(from, to),
    nodes: (level, from, to) => store.nodes(level, from, to),
    indexOf: (id) => store.indexOf(id),
    retention: store.retention,
  };
}
