import assert from 'node:assert/strict';

import { entryLeaf } from '../../event/entry.js';
import { timeOf } from '../../event/id.js';
import type { StoredEntry } from '../../event/read.js';
import { canonicalize } from '../../integrity/canonical.js';
import { sha256 } from '../../integrity/hash.js';
import type { EventBytes, SealedLeaf } from '../../stores/seal-log.js';
import { idsAt, sample, samples } from '../contract/sample.js';
import { assertHead, hex, Sealed, sealAll, sealNext } from './sealed.js';
import type { SealedStore, SealLogContract, SealLogUnderTest } from './under-test.js';

/** How many leaves a batch has: runs that end within, at and behind the whole subtrees of 256. */
const RUNS = [1, 2, 97, 156, 3, 253, 88];
const SIZE = RUNS.reduce((sum, run) => sum + run, 0);
/** From an index, so many leaves. */
const PAGES: readonly (readonly [number, number])[] = [
  [0, 600],
  [0, 1],
  [1, 3],
  [99, 2],
  [255, 258],
  [598, 10],
  [599, 1],
];
const NO_PAGES: readonly (readonly [number, number])[] = [
  [SIZE, 1],
  [SIZE + 1_000, 5],
  [0, 0],
  [5, 0],
];
const NO_RANGES: readonly (readonly [number, number])[] = [
  [SIZE, SIZE + 1],
  [7, 7],
  [9, 7],
];
/** From an index up to another. */
const RANGES: readonly (readonly [number, number])[] = [
  [0, 600],
  [0, 1],
  [2, 4],
  [99, 101],
  [100, 357],
  [599, 600],
  [500, 9_999],
];
const ID = '019ca6b4-788b-7516-8f76-2a31d2370c02';

/** Two ids, the last bytes of the one and the first of the other as a third, and two that have it between them. */
const PAIR = ['019ca6b4-788b-7516-8f76-2a31d2370c02', '019ca6b4-788b-7516-8f76-2a31d2370c04'];
const BETWEEN = '9ca6b478-8b75-168f-762a-31d2370c0201';
const [LEAST, MOST] = ['00000000-0001-7000-8000-000000000000', 'e0000000-0000-7000-8000-000000000000'];

interface Filled {
  readonly subject: SealLogUnderTest;
  readonly sealed: Sealed;
}

export function describeReading(contract: SealLogContract): void {
  contract.runner.describe('reading the log', () => {
    let filled: Promise<Filled> | undefined;
    const open = (): Promise<Filled> => (filled ??= fill(contract));
    describeLeaves(contract, open);
    describeBytes(contract, open);
    describeFinding(contract, open);
    describeCheckpoints(contract, open);
    describeLag(contract);
    describeEmpty(contract);
  });
}

/** Six hundred leaves in runs, some of whose ids are older than those of the runs before. */
async function fill(contract: SealLogContract): Promise<Filled> {
  const subject = await contract.kept();
  const old = idsAt(() => Date.parse('1999-12-31T23:59:59Z'));
  let sealed = new Sealed();
  for (const run of RUNS) {
    await subject.store.append(samples(run, (n) => (n % 50 === 1 ? { core: { id: old() } } : {})));
    sealed = await sealNext(subject.store, sealed, run);
  }
  return { subject, sealed };
}

function describeLeaves({ runner: { it } }: SealLogContract, open: () => Promise<Filled>): void {
  it('gives leaves with their events from any index on, over the ends of batches', async () => {
    const { subject, sealed } = await open();
    for (const [from, limit] of PAGES) {
      const found = await subject.store.leaves(from, limit);
      const expected = sealed.ids.slice(from, from + limit);
      assert.deepEqual(
        found.map(({ index }) => index),
        expected.map((_, n) => from + n),
      );
      assert.deepEqual(
        found.map(({ id }) => id),
        expected,
      );
      for (const { id, index, hash, entry } of found) {
        assert.equal(hex(hash), hex(sealed.tree.leaves[index] ?? Buffer.alloc(0)));
        assert.equal(entry?.core.id, id);
        assert.equal(hex(entryLeaf(entry)), hex(hash));
      }
    }
  });

  it('gives no leaves behind the last, and none where none is asked for', async () => {
    const { store } = (await open()).subject;
    for (const [from, limit] of NO_PAGES) assert.deepEqual(await store.leaves(from, limit), []);
    for (const [from, to] of NO_RANGES) assert.deepEqual(await store.leafHashes(from, to), []);
  });

  it('gives hashes from any index up to any other', async () => {
    const { subject, sealed } = await open();
    for (const [from, to] of RANGES)
      assert.deepEqual((await subject.store.leafHashes(from, to)).map(hex), hashes(sealed, from, to));
  });

  it('gives the roots of the whole subtrees of 256 leaves, and no others', async () => {
    const { store } = (await open()).subject;
    const { tree } = (await open()).sealed;
    const expected = tree.nodesSince(0).map(({ hash }) => hex(hash));
    assert.equal(expected.length, 2);
    assert.deepEqual((await store.nodes(1, 0, 2)).map(hex), expected);
    assert.deepEqual((await store.nodes(1, 1, 2)).map(hex), expected.slice(1));
    assert.deepEqual((await store.nodes(1, 0, 9)).map(hex), expected);
    for (const [level, from, to] of [
      [1, 1, 1],
      [1, 2, 3],
      [2, 0, 1],
      [3, 0, 9],
    ] as const)
      assert.deepEqual(await store.nodes(level, from, to), []);
  });
}

/** A store may have none of this: then whoever would hash bytes makes them of the entries. */
function describeBytes({ runner: { it } }: SealLogContract, open: () => Promise<Filled>): void {
  it('gives the same leaves with their events as bytes, if it gives them so at all', async () => {
    const { store } = (await open()).subject;
    for (const [from, limit] of [...PAGES, ...NO_PAGES]) {
      const leaves = await store.leaves(from, limit);
      const raw = (await store.rawLeaves?.(from, limit)) ?? leaves;
      assert.deepEqual(raw.map(factsOf), leaves.map(factsOf));
      for (const { hash, bytes, entry } of raw) if (bytes) assertBytes(bytes, hex(hash), entry);
    }
  });
}

function factsOf({ index, id, hash, entry }: SealedLeaf): unknown[] {
  return [index, id, hex(hash), entry?.payload, entry?.salt, entry && canonicalize(entry.core)];
}

function assertBytes(bytes: EventBytes, leaf: string, entry: StoredEntry | undefined): void {
  const { action, id, process, payload_digest: digest } = entry?.core ?? sample().core;
  assert.deepEqual([bytes.action, bytes.process, bytes.time], [action, process, timeOf(id)]);
  assert.equal(hex(sha256(bytes.leaf())), leaf);
  assert.equal(hex(sha256(bytes.sealed())), digest);
  assert.equal(bytes.digest(), digest);
}

function describeFinding({ runner: { it }, alone }: SealLogContract, open: () => Promise<Filled>): void {
  it("finds the index of an event's leaf, however late it was stored", async () => {
    const { subject, sealed } = await open();
    for (const [index, id] of sealed.ids.entries())
      if (index % 7 === 0 || id.startsWith('00dc')) assert.equal(await subject.store.indexOf(id), index);
  });

  it('finds none for an id that nobody has', async () => {
    const { subject, sealed } = await open();
    const [first = ''] = sealed.ids;
    const beside = first.replace(/.$/, (digit) => ((Number.parseInt(digit, 16) + 1) % 16).toString(16));
    for (const id of [ID, ID.replaceAll(/[^-]/g, '0'), ID.replaceAll(/[^-]/g, 'f'), beside])
      assert.equal(await subject.store.indexOf(id), undefined);
  });

  it('is not misled by bytes of an id that lie over the end of one and the beginning of the next', async () => {
    await alone(async ({ store }) => {
      // Both runs reach from far below to far above the id, and in the first its bytes are there by accident.
      const firstRun = [LEAST, ...PAIR, MOST.replace('e', 'd')];
      const secondRun = [LEAST.replace(/0$/, '1'), MOST, BETWEEN];
      await store.append(firstRun.map((id) => sample({ core: { id } })));
      const sealed = await sealAll(store);
      assert.equal(await store.indexOf(BETWEEN), undefined);
      await store.append(secondRun.map((id) => sample({ core: { id } })));
      const { ids } = await sealAll(store, sealed);
      for (const [index, id] of ids.entries()) assert.equal(await store.indexOf(id), index);
    });
  });
}

function describeCheckpoints({ runner: { it } }: SealLogContract, open: () => Promise<Filled>): void {
  it('gives the checkpoints in their order, page by page, each as it was written', async () => {
    const { subject, sealed } = await open();
    const all = await subject.store.checkpoints(0, 100);
    const sizes = RUNS.map((_, n) => RUNS.slice(0, n + 1).reduce((sum, run) => sum + run, 0));
    assert.deepEqual(
      all.map(({ size }) => size),
      sizes,
    );
    const paged: (typeof all)[number][] = [];
    for (let page = all; page.length > 0; paged.push(...page))
      page = await subject.store.checkpoints(paged.at(-1)?.place ?? 0, 3);
    assert.deepEqual(paged, all);
    assert.equal(all.at(-1)?.note, sealed.batch(await subject.store.pending(1)).checkpoint);
  });

  it('has the database say when a checkpoint was made', async () => {
    const { store } = (await open()).subject;
    for (const { sealedAt } of await store.checkpoints(0, 100)) {
      assert.match(sealedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(Math.abs(Date.parse(sealedAt) - Date.now()) < 300_000, `${sealedAt} is not now`);
    }
  });

  it('gives the last checkpoint', async () => {
    const { store } = (await open()).subject;
    const { place: _, ...last } = (await store.checkpoints(0, 100)).at(-1) ?? { place: 0 };
    assert.deepEqual(await store.lastCheckpoint(), last);
  });
}

function describeLag({ runner: { it }, alone }: SealLogContract): void {
  it('counts what has no leaf yet, and says since when the oldest waits', async () => {
    await alone(async ({ store }) => {
      assert.deepEqual(await store.lag(), { count: 0, oldest: null });
      const entries = samples(5, () => ({}));
      for (const entry of entries) await store.append([entry]);
      assert.deepEqual(await store.lag(), { count: 5, oldest: await oldestOf(store) });
      const sealed = await sealNext(store, new Sealed(), 3);
      assert.deepEqual(await store.lag(), { count: 2, oldest: await oldestOf(store) });
      await sealAll(store, sealed);
      assert.deepEqual(await store.lag(), { count: 0, oldest: null });
    });
  });
}

function describeEmpty({ runner: { it }, alone }: SealLogContract): void {
  it('is possible while the log is empty', async () => {
    await alone(async ({ store }) => {
      const { core } = sample();
      await store.append([sample()]);
      assertHead(await store.head(), new Sealed().head);
      assert.deepEqual(await store.leaves(0, 10), []);
      assert.deepEqual(await store.leafHashes(0, 10), []);
      assert.deepEqual(await store.nodes(1, 0, 10), []);
      assert.deepEqual(await store.checkpoints(0, 10), []);
      assert.deepEqual(await store.strays(10), []);
      assert.equal(await store.lastCheckpoint(), undefined);
      assert.equal(await store.indexOf(core.id), undefined);
    });
  });
}

function hashes({ tree }: Sealed, from: number, to: number): string[] {
  return tree.leaves.slice(from, to).map(hex);
}

/** When the first event that has no leaf was stored. */
async function oldestOf(store: SealedStore): Promise<string | null> {
  const [first] = (await store.pending(1)).entries;
  return (await store.get(first?.core.id ?? '', null))?.recordedAt ?? null;
}
