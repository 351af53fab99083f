import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { lockingServers } from '../../test/servers/s3-ceph.js';
import { clientAt, type S3Server, startS3rver } from '../../test/servers/s3.js';
import { startStub } from '../../test/stub-server.js';
import { signCheckpoint } from '../integrity/checkpoint.js';
import { leafHash } from '../integrity/hash.js';
import { SigningKey } from '../integrity/note-key.js';
import { s3Anchor } from '../s3.js';
import type { Anchor, AnchoredCheckpoint } from './anchor.js';

const KEY = SigningKey.create('example.com/audit');
const DAY_MS = 86_400_000;
const started: S3Server[] = [];
const LOCKING = lockingServers().map(({ name, start }) => ({ name, start: once(start) }));
const SERVERS = [{ name: 's3rver', start: once(startS3rver) }, ...LOCKING];

afterAll(async () => {
  for (const server of started) await server.close();
});

/** One server for all the tests of this file. */
function once(start: () => Promise<S3Server>): () => Promise<S3Server> {
  let starting: Promise<S3Server> | undefined;
  return async () => {
    starting ??= start();
    const server = await starting;
    if (!started.includes(server)) started.push(server);
    return server;
  };
}

function checkpoint(size: number): AnchoredCheckpoint {
  return { size, note: signCheckpoint({ origin: KEY.name, size, root: leafHash(String(size)) }, KEY) };
}

async function notesIn(anchor: Anchor): Promise<string[]> {
  const notes: string[] = [];
  for await (const note of anchor.all()) notes.push(note);
  return notes;
}

async function keysIn(client: S3Client, bucket: string): Promise<string[]> {
  const { Contents: found = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return found.map(({ Key: key = '' }) => key);
}

describe.each(SERVERS)('an anchor in S3, on $name', ({ start }) => {
  let server: S3Server;

  beforeAll(async () => {
    server = await start();
  });

  it('keeps every checkpoint to the letter, and gives the newest back', async () => {
    const { client } = server;
    const bucket = await server.createBucket();
    const anchor = s3Anchor({ client, bucket });
    expect(await anchor.newest()).toBeUndefined();
    const all = [9, 10, 200_000].map(checkpoint);
    for (const one of all) await anchor.put(one);
    expect(await notesIn(anchor)).toEqual(all.map(({ note }) => note).toReversed());
    expect(await anchor.newest()).toBe(all[2]?.note);
    expect(await anchor.newest((note) => note !== all[2]?.note)).toBe(all[1]?.note);
    expect(await keysIn(client, bucket)).toEqual([
      expect.stringMatching(/^checkpoints\/\d{16}-200000-[0-9a-f]{64}\.txt$/),
      expect.stringMatching(/^checkpoints\/\d{16}-10-[0-9a-f]{64}\.txt$/),
      expect.stringMatching(/^checkpoints\/\d{16}-9-[0-9a-f]{64}\.txt$/),
    ]);
  });

  it('keeps a checkpoint once, however often it is put', async () => {
    const { client } = server;
    const bucket = await server.createBucket();
    const anchor = s3Anchor({ client, bucket });
    for (const one of [anchor, anchor, s3Anchor({ client, bucket })]) await one.put(checkpoint(5));
    expect(await notesIn(s3Anchor({ client, bucket }))).toEqual([checkpoint(5).note]);
  });

  it('passes over what is not what its key says, and what lies under other prefixes', async () => {
    const { client } = server;
    const bucket = await server.createBucket();
    const anchor = s3Anchor({ client, bucket, prefix: 'a/' });
    await anchor.put(checkpoint(5));
    await s3Anchor({ client, bucket, prefix: 'a/b/' }).put(checkpoint(6));
    await s3Anchor({ client, bucket, prefix: 'c/' }).put(checkpoint(7));
    const [key = ''] = await keysIn(client, bucket);
    const forged = key.replace(/\d{16}-5-/, '0000000000000000-9007199254740991-');
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: forged, Body: 'forged' }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a/0-notes.txt', Body: 'x' }));
    expect(await anchor.newest()).toBe(checkpoint(5).note);
    expect(await notesIn(anchor)).toEqual([checkpoint(5).note]);
  });

  it('does not call a bucket locked that locks nothing', async () => {
    const { client } = server;
    const bucket = await server.createBucket();
    const anchor = s3Anchor({ client, bucket, retainDays: 1 });
    await expect(anchor.put(checkpoint(1))).rejects.toMatchObject({
      code: 'ANCHOR_UNAVAILABLE',
      message: expect.stringMatching(/made with Object Lock/) as string,
    });
  });

  it('says which bucket it cannot use', async () => {
    const anchor = s3Anchor({ client: server.client, bucket: 'no-such-bucket' });
    const refusal = {
      code: 'ANCHOR_UNAVAILABLE',
      message: expect.stringMatching(/NoSuchBucket.*404/) as string,
    };
    await expect(anchor.put(checkpoint(1))).rejects.toMatchObject(refusal);
    await expect(anchor.newest()).rejects.toMatchObject(refusal);
  });
});

describe.each(LOCKING)('a locked anchor, on $name', ({ start }) => {
  let server: S3Server;

  beforeAll(async () => {
    server = await start();
  });

  async function locked(): Promise<{ bucket: string; anchor: Anchor; versions: () => Promise<Version[]> }> {
    const bucket = await server.createBucket({ locks: true });
    const versions = async (): Promise<Version[]> => {
      const found = await server.client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      return (found.Versions ?? []).map(({ Key = '', VersionId = '' }) => ({
        Bucket: bucket,
        Key,
        VersionId,
      }));
    };
    return { bucket, anchor: s3Anchor({ client: server.client, bucket, retainDays: 30 }), versions };
  }

  interface Version {
    readonly Bucket: string;
    readonly Key: string;
    readonly VersionId: string;
  }

  it('keeps a checkpoint that nobody can remove before its time', async () => {
    const { anchor, versions } = await locked();
    await anchor.put(checkpoint(1));
    const [version] = (await versions()) as [Version];
    const { Retention: retention } = await server.client.send(new GetObjectRetentionCommand(version));
    expect(retention?.Mode).toBe('COMPLIANCE');
    const forMs = (retention?.RetainUntilDate?.getTime() ?? 0) - Date.now();
    expect(Math.abs(forMs - 30 * DAY_MS)).toBeLessThan(60_000);
    const removal = new DeleteObjectCommand({ ...version, BypassGovernanceRetention: true });
    await expect(server.client.send(removal)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await anchor.newest()).toBe(checkpoint(1).note);
  });

  it('tells until when a checkpoint is locked, also where something else was put over it', async () => {
    const { anchor, versions } = await locked();
    expect(await anchor.lockedUntil?.(checkpoint(1))).toBeUndefined();
    await anchor.put(checkpoint(1));
    const [{ Bucket, Key } = { Bucket: '', Key: '' }] = await versions();
    await server.client.send(new PutObjectCommand({ Bucket, Key, Body: 'forged' }));
    await server.client.send(new DeleteObjectCommand({ Bucket, Key }));
    const until = await anchor.lockedUntil?.(checkpoint(1));
    expect(Math.abs((until?.getTime() ?? 0) - Date.now() - 30 * DAY_MS)).toBeLessThan(60_000);
    expect(await anchor.lockedUntil?.(checkpoint(2))).toBeUndefined();
  });

  it('reads on behind the first thousand objects', async () => {
    const { client } = server;
    const { bucket, anchor } = await locked();
    const names = Array.from({ length: 1_010 }, (_, n) => `checkpoints/0000-${n}`);
    await Promise.all(
      names.map((Key) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }))),
    );
    await anchor.put(checkpoint(3));
    expect(await anchor.newest()).toBe(checkpoint(3).note);
    expect(await s3Anchor({ client, bucket }).newest()).toBe(checkpoint(3).note);
  });

  it('takes the same checkpoint from several processes at once', async () => {
    const { client } = server;
    const { bucket } = await locked();
    const anchors = [1, 2, 3].map(() => s3Anchor({ client, bucket, retainDays: 30 }));
    await Promise.all(anchors.map((anchor) => anchor.put(checkpoint(5))));
    expect(await keysIn(client, bucket)).toHaveLength(1);
    expect(await anchors[0]?.newest()).toBe(checkpoint(5).note);
  });

  it('reads what was hidden by a mark of deletion, or under a newer version', async () => {
    const { bucket, anchor, versions } = await locked();
    await anchor.put(checkpoint(1));
    await anchor.put(checkpoint(2));
    for (const { Key } of await versions()) {
      await server.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'forged' }));
      await server.client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    }
    expect(await keysIn(server.client, bucket)).toEqual([]);
    expect(await anchor.newest()).toBe(checkpoint(2).note);
    expect(await notesIn(anchor)).toEqual([checkpoint(2).note, checkpoint(1).note]);
  });
});

describe('an anchor in S3 that is away', () => {
  it.each([
    ['refuses', 'http://127.0.0.1:1', /ECONNREFUSED/],
    ['answers 500', 500, /500/],
    ['never answers', 'silent', /abort|timeout/i],
  ] as const)('says so when the server %s', async (_name, how, message) => {
    const stub = typeof how === 'string' && how !== 'silent' ? undefined : await startStub(how);
    onTestFinished(async () => stub?.close());
    const client = clientAt(stub?.url ?? String(how));
    const anchor = s3Anchor({ client, bucket: 'checkpoints', timeoutMs: 200 });
    const began = Date.now();
    await expect(anchor.put(checkpoint(1))).rejects.toMatchObject({
      code: 'ANCHOR_UNAVAILABLE',
      message: expect.stringMatching(message) as string,
    });
    await expect(anchor.newest()).rejects.toMatchObject({ code: 'ANCHOR_UNAVAILABLE' });
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it('is not made of what cannot be one', () => {
    const client = clientAt('http://127.0.0.1:1');
    expect(() => s3Anchor({ client, bucket: '' })).toThrow(/S3 anchor cannot be made/);
    expect(() => s3Anchor({ client, bucket: 'b', retainDays: 0 })).toThrow(/retainDays 0/);
  });
});
