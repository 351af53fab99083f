import { copyFileSync, readFileSync, rmSync } from 'node:fs';

import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';

import { grow, sealPending } from '../../test/sealed-store.js';
import { clientAt } from '../../test/servers/s3.js';
import { openSqliteTrail, type Place, somewhere, type SqliteTrail } from '../../test/sqlite-trail.js';
import { startStub } from '../../test/stub-server.js';
import type { AuditError } from '../event/errors.js';
import { SigningKey, VerifierKey } from '../integrity/note-key.js';
import { createSqliteStore } from '../sqlite.js';
import type { Anchor } from './anchor.js';
import { Anchoring, type AnchoringParts } from './anchoring.js';
import { fileAnchor } from './file-anchor.js';
import { s3Anchor } from './s3-anchor.js';

const KEY = SigningKey.create('example.com/audit');
const KEYS = [VerifierKey.parse(KEY.verifierKey)];
const EVERY_MS = 20;
const PATIENTLY = { timeout: 15_000 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function openTrail(): Promise<SqliteTrail> {
  const trail = await openSqliteTrail();
  cleanUps.push(() => trail.close());
  return trail;
}

function newFile(): string {
  const place: Place = somewhere('checkpoints.txt');
  cleanUps.push(() => place.remove());
  return place.path;
}

interface Opened {
  readonly anchoring: Anchoring;
  readonly errors: AuditError[];
}

function open(parts: Pick<AnchoringParts, 'anchors' | 'log'> & Partial<AnchoringParts>): Opened {
  const errors: AuditError[] = [];
  const anchoring = new Anchoring({
    keys: KEYS,
    everyMs: EVERY_MS,
    deadlineMs: 10_000,
    report: (error) => errors.push(error),
    ...parts,
  });
  cleanUps.push(() => anchoring.close());
  return { anchoring, errors };
}

async function notesIn(anchor: Anchor): Promise<string[]> {
  const notes: string[] = [];
  for await (const note of anchor.all()) notes.push(note);
  return notes;
}

/** A file anchor that fails when told to, before or after it has kept the note. */
class FlakyAnchor implements Anchor {
  readonly name = 'a flaky file';
  readonly assurance = 'operator';
  readonly #inner: Anchor;
  fails: 'no' | 'before' | 'after' = 'no';
  puts = 0;

  constructor(path: string) {
    this.#inner = fileAnchor({ path });
  }

  async put(checkpoint: Parameters<Anchor['put']>[0]): Promise<void> {
    this.puts += 1;
    if (this.fails === 'before') throw new Error('away');
    await this.#inner.put(checkpoint);
    if (this.fails === 'after') throw new Error('the answer was lost');
  }

  newest(accepts?: (note: string) => boolean): Promise<string | undefined> {
    return this.#inner.newest(accepts);
  }

  all(): AsyncIterable<string> {
    return this.#inner.all();
  }
}

describe('anchoring', () => {
  it('puts the newest checkpoint in every anchor, as soon as there is another one', async () => {
    const { store } = await openTrail();
    const paths = [newFile(), newFile()];
    const anchors = paths.map((path) => fileAnchor({ path }));
    const { anchoring, errors } = open({ anchors, log: store });
    expect(anchoring.assurance()).toMatchObject({ level: 'tamper-detecting', by: null });
    anchoring.start();
    for (const count of [3, 300]) {
      const { size, note } = await grow(store, KEY, count);
      await expect
        .poll(() => anchoring.stats().map((one) => one.lastAnchoredSize), PATIENTLY)
        .toEqual([size, size]);
      for (const anchor of anchors) expect(await anchor.newest()).toBe(note);
    }
    const [stats] = anchoring.stats();
    expect(stats).toMatchObject({
      name: `file ${paths[0]}`,
      failures: 0,
      isBehind: false,
      disagreement: null,
    });
    expect(anchoring.assurance()).toMatchObject({
      level: 'tamper-evident',
      by: 'operator',
      text: expect.stringMatching(/changes the anchor too.*first 303 events are covered/) as string,
    });
    expect(errors).toEqual([]);
  });

  it('puts nothing where nothing is new, signs of life and a new start included', async () => {
    const { store } = await openTrail();
    const anchor = new FlakyAnchor(newFile());
    await grow(store, KEY, 2);
    for (let start = 0; start < 2; start += 1) {
      const { anchoring } = open({ anchors: [anchor], log: store });
      await anchoring.anchorNow();
      await sealPending(store, KEY);
      await anchoring.anchorNow();
      await anchoring.close();
    }
    expect(anchor.puts).toBe(1);
  });

  it('anchors once more when it is closed', async () => {
    const { store } = await openTrail();
    const anchor = fileAnchor({ path: newFile() });
    const { anchoring } = open({ anchors: [anchor], log: store, everyMs: 3_600_000 });
    anchoring.start();
    const { note } = await grow(store, KEY, 1);
    await anchoring.close();
    expect(await anchor.newest()).toBe(note);
  });

  it.each(['before', 'after'] as const)(
    'tells once of an anchor that fails %s it has kept the note, and goes on with the newest',
    async (fails) => {
      const { store } = await openTrail();
      const path = newFile();
      const [flaky, other] = [new FlakyAnchor(path), fileAnchor({ path: newFile() })];
      flaky.fails = fails;
      const { anchoring, errors } = open({ anchors: [flaky, other], log: store });
      await grow(store, KEY, 1);
      anchoring.start();
      await expect.poll(() => errors.length, PATIENTLY).toBe(1);
      const failed = anchoring.stats()[0]?.failures ?? 0;
      expect(failed).toBeGreaterThanOrEqual(3);
      expect(errors[0]).toMatchObject({
        code: 'ANCHOR_UNAVAILABLE',
        message: expect.stringMatching(
          /a flaky file: (away|the answer was lost)\. Events are recorded/,
        ) as string,
      });
      const { note } = await grow(store, KEY, 5);
      await expect.poll(() => anchoring.stats()[1]?.lastAnchoredSize, PATIENTLY).toBe(6);
      expect(anchoring.stats()[0]).toMatchObject({ isBehind: true, lastAnchoredSize: null });
      await expect.poll(() => anchoring.stats()[0]?.failures, PATIENTLY).toBeGreaterThan(failed + 2);
      expect(errors.length).toBe(1);
      flaky.fails = 'no';
      await expect
        .poll(() => anchoring.stats()[0], PATIENTLY)
        .toMatchObject({ isBehind: false, lastAnchoredSize: 6 });
      const notes = await notesIn(fileAnchor({ path }));
      expect(notes.at(-1)).toBe(note);
      expect(notes.length).toBe(fails === 'before' ? 1 : 2);
      flaky.fails = 'before';
      await grow(store, KEY, 1);
      await expect.poll(() => errors.length, PATIENTLY).toBe(2);
    },
  );

  it.each([
    ['refuses', 'http://127.0.0.1:1'],
    ['answers 500', 500],
    ['never answers', 'silent'],
  ] as const)('holds up neither the log nor another anchor while a server %s', async (_name, how) => {
    const stub = how === 500 || how === 'silent' ? await startStub(how) : undefined;
    cleanUps.push(() => stub?.close());
    const client = clientAt(stub?.url ?? String(how));
    const away = s3Anchor({ client, bucket: 'checkpoints', timeoutMs: 100, retainDays: 1 });
    const { store } = await openTrail();
    const { anchoring, errors } = open({ anchors: [away, fileAnchor({ path: newFile() })], log: store });
    anchoring.start();
    for (let round = 1; round <= 5; round += 1) {
      const began = performance.now();
      await grow(store, KEY, 10);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
    await expect.poll(() => anchoring.stats()[1]?.lastAnchoredSize, PATIENTLY).toBe(50);
    await expect
      .poll(() => errors.map(({ code }) => code), { timeout: 5_000 })
      .toEqual(['ANCHOR_UNAVAILABLE']);
    expect(anchoring.stats()[0]).toMatchObject({ lastAnchoredSize: null, isBehind: true });
    expect(anchoring.assurance().by).toBe('operator');
  });

  it('does not wait for ever for an anchor that hangs when it is closed', async () => {
    const { store } = await openTrail();
    const anchor: Anchor = Object.assign(new FlakyAnchor(newFile()), {
      put: () => new Promise<never>(() => {}),
    });
    const { anchoring } = open({ anchors: [anchor], log: store, deadlineMs: 200 });
    await grow(store, KEY, 1);
    const began = performance.now();
    await anchoring.close();
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a log that is compared with its anchor', () => {
  it('P33: is a ROLLBACK when an old backup of the database was restored, and is not anchored any more', async () => {
    const place = somewhere('audit.db');
    cleanUps.push(() => place.remove());
    const store = createSqliteStore({ path: place.path });
    await store.migrate();
    await grow(store, KEY, 5);
    new Database(place.path).exec(`VACUUM INTO '${place.path}.backup'`).close();
    await grow(store, KEY, 5);
    const path = newFile();
    await open({ anchors: [fileAnchor({ path })], log: store }).anchoring.anchorNow();
    await store.close();
    for (const end of ['-wal', '-shm']) rmSync(`${place.path}${end}`, { force: true });
    copyFileSync(`${place.path}.backup`, place.path);
    const [before, restored] = [readFileSync(path), createSqliteStore({ path: place.path })];
    cleanUps.push(() => restored.close());
    expect((await restored.head()).size).toBe(5);
    const { anchoring, errors } = open({ anchors: [fileAnchor({ path })], log: restored });
    anchoring.start();
    await expect.poll(() => errors.length, PATIENTLY).toBe(1);
    expect(errors[0]).toMatchObject({
      code: 'LOG_INCONSISTENT',
      message: expect.stringMatching(/^ROLLBACK: .*has 5 leaves, and the anchor holds it with 10/) as string,
    });
    await grow(restored, KEY, 50);
    await anchoring.anchorNow();
    expect(readFileSync(path)).toEqual(before);
    expect(errors.length).toBe(1);
    expect(anchoring.stats()[0]).toMatchObject({ disagreement: 'ROLLBACK', lastAnchoredSize: 10 });
    expect(anchoring.assurance().text).toMatch(/^ALARM: ROLLBACK/);
  });

  it('P33: is a FORK when it was written anew with the key, as long as it was or longer', async () => {
    for (const length of [10, 700]) {
      const [genuine, forged] = [await openTrail(), await openTrail()];
      const path = newFile();
      await grow(genuine.store, KEY, 10);
      await open({ anchors: [fileAnchor({ path })], log: genuine.store }).anchoring.anchorNow();
      await grow(forged.store, KEY, length);
      const before = readFileSync(path);
      const { anchoring, errors } = open({ anchors: [fileAnchor({ path })], log: forged.store });
      await anchoring.anchorNow();
      expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^FORK: .*written anew/)]);
      expect(anchoring.stats()[0]?.disagreement).toBe('FORK');
      expect(readFileSync(path)).toEqual(before);
    }
  });

  it('P33: is a ROLLBACK when there is none any more, and when leaves go while it is being anchored', async () => {
    const [trail, empty] = [await openTrail(), await openTrail()];
    const path = newFile();
    await grow(trail.store, KEY, 10);
    let log = trail.store;
    const { anchoring, errors } = open({
      anchors: [fileAnchor({ path })],
      log: {
        lastCheckpoint: () => log.lastCheckpoint(),
        leafHashes: (from, to) => log.leafHashes(from, to),
        nodes: (level, from, to) => log.nodes(level, from, to),
      },
    });
    await anchoring.anchorNow();
    expect(errors).toEqual([]);
    log = empty.store;
    await anchoring.anchorNow();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^ROLLBACK: .*has 0 leaves/),
    ]);
  });

  it('P33: is a FORK when it lost or altered hashes that it needs to show what it was', async () => {
    const { store } = await openTrail();
    const path = newFile();
    await grow(store, KEY, 10);
    await open({ anchors: [fileAnchor({ path })], log: store }).anchoring.anchorNow();
    await grow(store, KEY, 10);
    for (const leafHashes of [
      async () => [],
      async () => Array.from({ length: 20 }, () => new Uint8Array(32)),
    ]) {
      const log = {
        lastCheckpoint: () => store.lastCheckpoint(),
        nodes: (level: number, from: number, to: number) => store.nodes(level, from, to),
        leafHashes,
      };
      const { anchoring, errors } = open({ anchors: [fileAnchor({ path })], log });
      await anchoring.anchorNow();
      expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^FORK/)]);
    }
  });

  it('passes over notes in the anchor that no known key signed', async () => {
    const { store } = await openTrail();
    const stranger = await openTrail();
    const anchor = fileAnchor({ path: newFile() });
    await anchor.put(await grow(stranger.store, SigningKey.create('example.com/audit'), 99));
    const { note } = await grow(store, KEY, 3);
    const { anchoring, errors } = open({ anchors: [anchor], log: store });
    await anchoring.anchorNow();
    expect(errors).toEqual([]);
    expect(await notesIn(anchor)).toContain(note);
  });

  it('is not anchored while its last checkpoint is signed by no known key', async () => {
    const { store } = await openTrail();
    const anchor = fileAnchor({ path: newFile() });
    await grow(store, SigningKey.create('example.com/audit'), 3);
    const { anchoring, errors } = open({ anchors: [anchor], log: store });
    anchoring.start();
    await expect
      .poll(() => errors.map(({ message }) => message))
      .toEqual([expect.stringMatching(/signed by none of the keys known here/)]);
    expect(await anchor.newest()).toBeUndefined();
  });

  it('stays verified when the key is replaced', async () => {
    const { store } = await openTrail();
    const anchor = fileAnchor({ path: newFile() });
    await grow(store, KEY, 3);
    await open({ anchors: [anchor], log: store }).anchoring.anchorNow();
    const next = SigningKey.create('example.com/audit');
    const { note } = await grow(store, next, 3);
    const keys = [VerifierKey.parse(next.verifierKey), ...KEYS];
    const { anchoring, errors } = open({ anchors: [anchor], log: store, keys });
    await anchoring.anchorNow();
    expect(errors).toEqual([]);
    expect(await anchor.newest()).toBe(note);
  });
});
