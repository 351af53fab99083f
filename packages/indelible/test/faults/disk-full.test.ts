import { spawnSync } from 'node:child_process';

import { afterAll, describe, expect, it } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  spoolBytes,
  spoolText,
  temporaryFolder,
  type TestTrail,
  unexplained,
} from '../test-trail.js';

const KIB = 1024;
const mounted: string[] = [];

afterAll(() => {
  for (const dir of mounted) spawnSync('umount', [dir]);
  removeTemporaryFolders();
});

interface SmallDisk {
  readonly dir: string;
  readonly maxBytes: number;
}

/** A disk of 256 KiB; where it may not be mounted, a limit on the spool stands in for it, and it is said. */
function smallDisk(): SmallDisk {
  const dir = temporaryFolder();
  const { status, error, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', dir]);
  if (status === 0) {
    mounted.push(dir);
    return { dir, maxBytes: 2 ** 30 };
  }
  const why = error?.message ?? String(stderr).trim();
  console.warn(`No small disk can be mounted here (${why}): a limit on the spool stands in for a full disk.`);
  return { dir, maxBytes: 252 * KIB };
}

const READ = {
  action: 'READ',
  target: { type: 'Patient', id: '1' },
  metadata: { note: 'x'.repeat(300) },
} as const;

function open(bufferSize: number): TestTrail {
  return openTestTrail({ spool: smallDisk(), bufferSize, deadlineMs: 100 });
}

/** The folder the trail was really given, which is not the one the test trail made. */
const folderOf = ({ lines }: TestTrail): string =>
  lines.find((line) => line.startsWith('indelible: spool: '))?.slice('indelible: spool: '.length) ?? '';

describe('a full disk under the spool', () => {
  it('keeps what waits in memory up to bufferSize, tells of what is dropped, and is used again when it has room', async () => {
    const bufferSize = 1_000;
    const trail = open(bufferSize);
    const { audit, store, errors } = trail;
    const dir = folderOf(trail);
    await audit.flush();
    store.failAlways('not-persisted');
    await audit.record(READ);
    await audit.flush();

    for (let n = 0; n < 3_000; n += 1) await audit.record(READ);
    const { dropped, waiting } = audit.stats();
    const onDisk = spoolText(dir).split('\n').length - 1;
    expect(spoolBytes(dir)).toBeLessThanOrEqual(256 * KIB);
    expect(onDisk).toBeGreaterThan(100);
    expect(onDisk).toBeLessThan(bufferSize);
    expect(waiting).toBeGreaterThanOrEqual(bufferSize);
    expect(waiting).toBeLessThan(bufferSize + 50);
    expect(dropped).toBe(3_001 - waiting);
    const codes = errors.map(({ code }) => code);
    expect(codes.filter((code) => code === 'SPOOL_UNAVAILABLE')).toHaveLength(1);
    expect(codes.filter((code) => code === 'EVENTS_DROPPED')).toHaveLength(1);
    await expect(audit.record({ ...READ, action: 'EXPORT' })).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });

    store.recover();
    await expect.poll(() => audit.stats().waiting, { timeout: 10_000 }).toBe(0);
    await audit.flush();
    await expect.poll(() => spoolBytes(dir)).toBe(0);
    store.failAlways('hangs');
    await audit.record({ ...READ, reason: 'there is room again' });
    expect(spoolText(dir)).toContain('there is room again');
    store.recover();
    await audit.close();

    const events = await trail.stored();
    expect(events.filter(({ action }) => action === 'READ')).toHaveLength(3_002 - dropped);
    const gaps = events.filter(({ action }) => action === 'AUDIT_GAP').map(({ metadata }) => metadata);
    expect(gaps).toMatchObject([
      { reason: 'no_room', count: dropped },
      { reason: 'refused', count: 1 },
    ]);
    expect(unexplained(events, events[0]?.process?.id ?? '', audit.stats().recorded)).toEqual([]);
  });

  it('leaves nothing torn behind: what the next process finds is whole', async () => {
    const trail = open(10_000);
    const { audit, store } = trail;
    await audit.flush();
    store.failAlways('not-persisted');
    // Of many sizes, so that the disk cuts some of them short and still has room for shorter ones.
    for (let n = 0; n < 1_500; n += 1)
      await audit.record({ ...READ, metadata: { note: 'x'.repeat((n * 97) % 900) } });
    const onDisk = spoolText(folderOf(trail)).split('\n').length - 1;
    await audit.close();
    const again = trail.reopen({ spool: { dir: folderOf(trail) } });
    await again.audit.ready();
    await again.audit.close();
    expect(again.errors.map(({ code }) => code)).not.toContain('SPOOL_DAMAGED');
    expect((await trail.stored('READ')).length).toBeGreaterThanOrEqual(onDisk - 5);
  });
});
