import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';

import { grow } from '../../test/sealed-store.js';
import { openSqliteTrail, type SqliteTrail } from '../../test/sqlite-trail.js';
import type { AuditError } from '../event/errors.js';
import { signCheckpoint } from '../integrity/checkpoint.js';
import { leafHash } from '../integrity/hash.js';
import { SigningKey, VerifierKey } from '../integrity/note-key.js';
import type { Anchor, AnchoredCheckpoint } from './anchor.js';
import { Anchoring, type AnchoringParts } from './anchoring.js';
import { s3Anchor } from './s3-anchor.js';

const KEY = SigningKey.create('example.com/audit');
const HOUR_MS = 3_600_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Keeps notes in memory, and does as it is told. */
class SomeAnchor implements Anchor {
  readonly name: string = 'somewhere';
  readonly assurance: Anchor['assurance'];
  isAway = false;
  locked: Date | undefined;
  looks = 0;
  #note: string | undefined;

  constructor(assurance: Anchor['assurance'], note?: string) {
    this.assurance = assurance;
    this.#note = note;
  }

  async put({ note }: AnchoredCheckpoint): Promise<void> {
    if (this.isAway) throw new Error('away');
    this.#note = note;
  }

  async newest(): Promise<string | undefined> {
    return this.#note;
  }

  async *all(): AsyncGenerator<string> {
    if (this.#note !== undefined) yield this.#note;
  }

  async lockedUntil({ note }: AnchoredCheckpoint): Promise<Date | undefined> {
    this.looks += 1;
    if (this.isAway) throw new Error('away');
    return note === this.#note ? this.locked : undefined;
  }
}

interface Opened {
  readonly anchoring: Anchoring;
  readonly store: SqliteTrail['store'];
  readonly errors: AuditError[];
}

/** A log of five events; an anchor may be away for a tenth of a second. */
async function open(anchors: readonly Anchor[], parts: Partial<AnchoringParts> = {}): Promise<Opened> {
  const trail = await openSqliteTrail();
  cleanUps.push(() => trail.close());
  await grow(trail.store, KEY, 5);
  const errors: AuditError[] = [];
  const anchoring = new Anchoring({
    anchors,
    log: trail.store,
    keys: [VerifierKey.parse(KEY.verifierKey)],
    everyMs: 34,
    report: (error) => errors.push(error),
    ...parts,
  });
  cleanUps.push(() => anchoring.close());
  return { anchoring, store: trail.store, errors };
}

function inHours(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS);
}

describe('what the trail says that it can prove', () => {
  it('is "worm" only while the newest checkpoint in the anchor is seen to be locked', async () => {
    const anchor = new SomeAnchor('worm');
    const { anchoring, errors } = await open([anchor]);
    anchor.locked = inHours(1);
    await anchoring.anchorNow();
    expect(anchoring.assurance()).toMatchObject({ level: 'tamper-evident', by: 'worm' });
    for (const gone of [inHours(-1), undefined]) {
      anchor.locked = gone;
      await anchoring.anchorNow();
      expect(anchoring.assurance()).toMatchObject({
        level: 'tamper-evident',
        by: 'operator',
        text: expect.not.stringMatching(/nobody can/) as string,
      });
    }
    expect(errors).toMatchObject([
      {
        code: 'ANCHOR_UNAVAILABLE',
        message: expect.stringMatching(/somewhere, at 5 leaves, is not locked.*Give a longer/) as string,
      },
    ]);
    anchor.locked = inHours(1);
    await anchoring.anchorNow();
    expect(anchoring.assurance().by).toBe('worm');
    anchor.locked = undefined;
    await anchoring.anchorNow();
    expect(errors).toHaveLength(2);
  });

  it('is no longer "worm" from the moment on at which the lock ends, without another look', async () => {
    const anchor = new SomeAnchor('worm');
    const { anchoring } = await open([anchor]);
    anchor.locked = new Date(Date.now() + 3_000);
    await anchoring.anchorNow();
    expect(anchoring.assurance().by).toBe('worm');
    await expect.poll(() => anchoring.assurance().by, { timeout: 10_000 }).toBe('operator');
    expect(anchor.looks).toBe(1);
  });

  it('is not "worm" for what was found in an anchor that calls itself so and locks nothing', async () => {
    const anchor = new SomeAnchor('worm');
    const { anchoring, store } = await open([anchor]);
    await anchor.put((await store.lastCheckpoint()) ?? { size: 0, note: '' });
    await anchoring.anchorNow();
    expect(anchoring.assurance()).toMatchObject({ level: 'tamper-evident', by: 'operator' });
    const silent = new SomeAnchor('worm');
    const { anchoring: other } = await open([
      {
        name: silent.name,
        assurance: 'worm',
        put: (checkpoint) => silent.put(checkpoint),
        newest: () => silent.newest(),
        all: () => silent.all(),
      },
    ]);
    await other.anchorNow();
    expect(other.assurance()).toMatchObject({ level: 'tamper-evident', by: 'operator' });
  });

  it('looks at the lock again while nothing new is anchored, and holds nobody up when it hangs', async () => {
    const anchor = new SomeAnchor('worm');
    anchor.locked = inHours(1);
    const { anchoring, store } = await open([anchor], { deadlineMs: 50 });
    anchoring.start();
    await expect.poll(() => anchor.looks).toBeGreaterThan(3);
    anchor.lockedUntil = () => new Promise<never>(() => {});
    const began = performance.now();
    await grow(store, KEY, 5);
    expect(anchoring.assurance().level).toMatch(/^tamper/);
    expect(performance.now() - began).toBeLessThan(5_000);
    await expect.poll(() => anchoring.assurance().level).toBe('tamper-detecting');
  });

  it.each(['operator', 'worm'] as const)(
    'falls to "tamper-detecting" while an anchor (%s) disagrees with the log, whatever the others say',
    async (assurance) => {
      const root = leafHash('another log');
      const alien = new SomeAnchor(assurance, signCheckpoint({ origin: KEY.name, size: 5, root }, KEY));
      const sound = new SomeAnchor('worm');
      sound.locked = inHours(1);
      const { anchoring } = await open([sound, alien]);
      await anchoring.anchorNow();
      expect(anchoring.assurance()).toEqual({
        level: 'tamper-detecting',
        by: null,
        text: expect.stringMatching(/^ALARM: FORK, the log does not agree with somewhere\./) as string,
      });
    },
  );

  it('falls to "tamper-detecting" when nothing could be anchored for too long, and comes back', async () => {
    const anchor = new SomeAnchor('operator');
    const { anchoring, store, errors } = await open([anchor]);
    anchoring.start();
    await expect.poll(() => anchoring.assurance().level).toBe('tamper-evident');
    anchor.isAway = true;
    await grow(store, KEY, 3);
    await expect.poll(() => anchoring.assurance().level).toBe('tamper-detecting');
    expect(errors.length).toBe(1);
    expect(anchoring.assurance()).toMatchObject({
      by: null,
      text: expect.stringMatching(
        /unseen\. Only the first 5 events are covered, by somewhere, where nothing could be anchored since 2/,
      ) as string,
    });
    anchor.isAway = false;
    await expect
      .poll(() => anchoring.assurance(), { timeout: 5_000 })
      .toMatchObject({
        level: 'tamper-evident',
        text: expect.stringMatching(/first 8 events are covered/) as string,
      });
  });

  it('stays what it is while an anchor is away for a moment, or another one is there', async () => {
    const [away, other] = [new SomeAnchor('operator'), new SomeAnchor('operator')];
    const { anchoring, store } = await open([away, other], { everyMs: HOUR_MS });
    await anchoring.anchorNow();
    away.isAway = true;
    other.isAway = true;
    await grow(store, KEY, 3);
    await anchoring.anchorNow();
    expect(anchoring.assurance().level).toBe('tamper-evident');
    const gone = new SomeAnchor('operator');
    gone.isAway = true;
    const patient = await open([gone, new SomeAnchor('operator')]);
    patient.anchoring.start();
    await expect.poll(() => patient.errors.length).toBe(1);
    expect(patient.anchoring.assurance().level).toBe('tamper-evident');
  });
});

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly body: string;
  readonly mode: string | undefined;
  readonly until: Date | undefined;
}

/** As much of a bucket with versions and locks as a look at a lock asks for; the real ones are in s3-anchor.test.ts. */
class SomeBucket {
  /** The newest first, as a listing has them. */
  versions: Version[] = [];

  add(version: Omit<Version, 'VersionId'>): void {
    this.versions.unshift({ ...version, VersionId: `v${this.versions.length}` });
  }

  async send(command: unknown): Promise<unknown> {
    if (command instanceof PutObjectCommand) {
      const { Key = '', Body, ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = command.input;
      this.add({ Key, body: String(Body), mode, until });
      return {};
    }
    if (command instanceof ListObjectVersionsCommand)
      return { Versions: this.versions.map((one) => ({ ...one, Size: one.body.length })) };
    if (!(command instanceof HeadObjectCommand || command instanceof GetObjectCommand)) throw new Error('?');
    const { Key: key, VersionId: id } = command.input;
    const found = this.versions.find((one) => one.Key === key && (id === undefined || one.VersionId === id));
    return {
      ObjectLockMode: found?.mode,
      ObjectLockRetainUntilDate: found?.until,
      Body: { transformToString: async () => found?.body ?? '' },
    };
  }
}

describe('the lock of a checkpoint in S3', () => {
  const one = { size: 1, note: signCheckpoint({ origin: KEY.name, size: 1, root: leafHash('1') }, KEY) };

  async function anchored(): Promise<{ anchor: Anchor; bucket: SomeBucket; kept: Version }> {
    const bucket = new SomeBucket();
    const client = bucket as unknown as Pick<S3Client, 'send'>;
    const anchor = s3Anchor({ client, bucket: 'b', retainDays: 1 });
    await anchor.put(one);
    const [kept] = bucket.versions;
    if (kept === undefined) throw new Error('Nothing was kept');
    return { anchor, bucket, kept };
  }

  it('is told of, also under newer versions', async () => {
    const { anchor, bucket, kept } = await anchored();
    expect(await anchor.lockedUntil?.(one)).toEqual(kept.until);
    bucket.add({ Key: kept.Key, body: 'forged', mode: undefined, until: undefined });
    expect(await anchor.lockedUntil?.(one)).toEqual(kept.until);
  });

  it.each<[string, (kept: Version) => Partial<Version>[]]>([
    ['there is no such object', () => []],
    ['it has no lock', () => [{ mode: undefined, until: undefined }]],
    ['the lock has ended', () => [{ until: inHours(-1) }]],
    ['the lock can be lifted by whoever may', () => [{ mode: 'GOVERNANCE' }]],
    ['what is locked is something else', () => [{ body: 'forged' }]],
    ['another key is locked', ({ Key }) => [{ Key: `${Key}x` }]],
  ])('is none when %s', async (_name, altered) => {
    const { anchor, bucket, kept } = await anchored();
    bucket.versions = altered(kept).map((change) => ({ ...kept, ...change }));
    expect(await anchor.lockedUntil?.(one)).toBeUndefined();
  });
});
