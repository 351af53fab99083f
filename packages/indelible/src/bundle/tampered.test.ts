import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { alter, bundleOf, independently, relist, verify } from '../../test/bundle/bundle-files.js';
import { type ClinicLog, EVERYTHING, openClinicLog, ORDER } from '../../test/bundle/clinic-log.js';
import { someEntries, someEntry } from '../../test/entries.js';
import { sealPending } from '../../test/sealed-store.js';
import { SigningKey } from '../integrity/note-key.js';
import { FILES } from './layout.js';
import { verifyBundle } from './verify-bundle.js';

const open: ClinicLog[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((log) => log.close()));
});

async function openLog(count = 300): Promise<ClinicLog> {
  const log = await openClinicLog(count);
  open.push(log);
  return log;
}

type Tampering = readonly [
  name: string,
  tamper: (folder: string, log: ClinicLog) => void | Promise<void>,
  expected: { file: string; verdict: string; index?: number },
];

const TAMPERINGS: readonly Tampering[] = [
  [
    'an edited payload',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.map((line) =>
          line.index === 7 ? { ...line, payload: line.payload.replace('visit 7', 'visit 8') } : line,
        ),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'an edited core',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.map((line) =>
          line.index === 7 ? { ...line, core: line.core.replace('UPDATE', 'READ') } : line,
        ),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'a payload with its salt, taken from another event',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.map((line) =>
          line.index === 7 ? { ...line, payload: lines[8]?.payload ?? '', salt: lines[8]?.['salt'] } : line,
        ),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'an event that was left out',
    (folder) => alter(folder, FILES.events, (lines) => lines.filter(({ index }) => index !== 7)),
    { file: FILES.events, verdict: 'MISSING' },
  ],
  [
    'an event that was put in',
    (folder) => {
      const { core, payload, salt } = someEntry();
      alter(folder, FILES.events, (lines) => [
        ...lines,
        { core: JSON.stringify(core), id: core.id, index: 30, payload: payload ?? '', salt },
      ]);
    },
    { file: FILES.events, verdict: 'TAMPERED', index: 30 },
  ],
  [
    'an event that stands there twice',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.flatMap((line) => (line.index === 7 ? [line, line] : [line])),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'two events that changed places',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.map((line) =>
          line.index === 7 ? { ...line, index: 8 } : line.index === 8 ? { ...line, index: 7 } : line,
        ),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 8 },
  ],
  [
    'a payload that was taken away without a word',
    (folder) =>
      alter(folder, FILES.events, (lines) =>
        lines.map((line) => (line.index === 7 ? { ...line, payload: null as never, salt: null } : line)),
      ),
    { file: FILES.events, verdict: 'MISSING', index: 7 },
  ],
  [
    'the proof of another event',
    (folder) =>
      alter(folder, FILES.proofs, (lines) =>
        lines.map((line) => (line.index === 7 ? { ...line, proof: lines[12]?.['proof'] } : line)),
      ),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'a proof that was left out',
    (folder) => alter(folder, FILES.proofs, (lines) => lines.filter(({ index }) => index !== 7)),
    { file: FILES.events, verdict: 'TAMPERED', index: 7 },
  ],
  [
    'the checkpoint of another log, signed by the same key',
    async (folder, log) => {
      const { store } = await openLog(30);
      await store.append(someEntries(1));
      await sealPending(store, log.key);
      writeFileSync(join(folder, FILES.checkpoint), (await store.lastCheckpoint())?.note ?? '');
    },
    { file: FILES.events, verdict: 'TAMPERED', index: 0 },
  ],
  [
    'a checkpoint signed by a stranger',
    async (folder) => {
      const { store } = await openLog(30);
      writeFileSync(join(folder, FILES.checkpoint), (await store.lastCheckpoint())?.note ?? '');
    },
    { file: FILES.checkpoint, verdict: 'BAD_SIGNATURE' },
  ],
];

describe('a bundle that was tampered with', () => {
  describe.each(['found at once', 'hidden by a manifest made anew'])('%s', (how) => {
    it.each(TAMPERINGS)('names %s', async (_name, tamper, expected) => {
      const log = await openLog(30);
      const where = { fromId: log.entries[0]?.core.id };
      const folder = await bundleOf(log, { query: { ...EVERYTHING, where } });
      await tamper(folder, log);
      if (how !== 'found at once') relist(folder);
      const report = await verify(folder, log);
      expect(report.isProven).toBe(false);
      // What was left out of a part of the log, the signature alone can tell.
      const isLeftOut = expected.verdict === 'MISSING' && expected.index === undefined;
      const shown =
        how !== 'found at once' && isLeftOut ? { file: FILES.proofs, verdict: 'MISSING' } : expected;
      expect(report.findings).toContainEqual(expect.objectContaining(shown));
      expect(report.isSigned).toBe(how === 'found at once');
      expect(independently(folder, log).isGood).toBe(false);
    });
  });

  it('tells of an event and its proof that were left out, by the signature or not at all', async () => {
    const log = await openLog(30);
    const where = { fromId: log.entries[0]?.core.id };
    const folder = await bundleOf(log, { query: { ...EVERYTHING, where } });
    for (const name of [FILES.events, FILES.proofs])
      alter(folder, name, (lines) => lines.filter(({ index }) => index !== 7));
    relist(folder);
    expect(await verify(folder, log)).toMatchObject({
      isProven: false,
      isSigned: false,
      log: 'BAD_SIGNATURE',
    });
    relist(folder, SigningKey.create('clinic.example/audit'));
    expect(await verify(folder, log)).toMatchObject({ isProven: false, isSigned: false });
    rmSync(join(folder, FILES.signature));
    expect(await verify(folder, log)).toMatchObject({ isProven: true, isSigned: false });
  });

  it('tells of a leaf that was left out of a whole log, whoever signed it', async () => {
    const log = await openLog(30);
    const folder = await bundleOf(log);
    for (const name of [FILES.events, FILES.proofs])
      alter(folder, name, (lines) => lines.filter(({ index }) => index !== 7));
    relist(folder, log.key);
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: false, isSigned: true });
    expect(report.findings[0]).toMatchObject({ verdict: 'MISSING', index: 8 });
  });

  it('names a file that the manifest does not list as it is', async () => {
    const log = await openLog(5);
    const folder = await bundleOf(log);
    writeFileSync(join(folder, FILES.readme), 'Trust me.\n');
    expect((await verify(folder, log)).findings).toEqual([
      { verdict: 'TAMPERED', file: FILES.readme, message: 'it is not the file that the manifest lists' },
    ]);
    expect(independently(folder, log).problems).toEqual(['README.md is another file']);
  });

  it('is proved by no key that it brings itself', async () => {
    const [log, forger] = [await openLog(5), await openLog(5)];
    const folder = await bundleOf(forger);
    expect(await verifyBundle(folder, { keys: [] })).toMatchObject({
      isProven: false,
      isSigned: false,
      keys: 'bundle',
      log: 'CONSISTENT',
      events: { VALID: 5 },
    });
    const report = await verify(folder, log);
    expect(report).toMatchObject({ isProven: false, isSigned: false, keys: 'pinned', log: 'BAD_SIGNATURE' });
    expect(report.events.VALID).toBe(0);
  });

  it('of another tenant is not taken for the one it says', async () => {
    const log = await openLog(30);
    const folder = await bundleOf(log, { query: { ...EVERYTHING, tenantId: '', order: ORDER } });
    const path = join(folder, FILES.manifest);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"tenant_id": ""', '"tenant_id": "acme"'));
    expect((await verify(folder, log)).events).toMatchObject({ VALID: 0, TAMPERED: 20 });
  });
});
