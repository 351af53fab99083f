import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';

/** A server that speaks S3, for the tests of one file. */
export interface S3Server {
  name: string;
  client: S3Client;
  /** A bucket that nothing else uses. */
  createBucket(options?: { locks: boolean }): Promise<string>;
  close(): Promise<void>;
}

/** s3rver: the basics of S3, over plain files; it knows neither versions nor locks, and takes no notice of them. */
export async function startS3rver(): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'indelible-s3-'));
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, resetOnClose: true });
  const { port } = await server.run();
  const client = clientAt(`http://127.0.0.1:${port}`, 'S3RVER', 'S3RVER');
  return {
    name: 's3rver',
    client,
    createBucket: () => createBucket(client, false),
    async close() {
      client.destroy();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A client that neither tries again nor asks the surroundings for credentials. */
export function clientAt(endpoint: string, accessKeyId = 'none', secretAccessKey = 'none'): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  });
}

export async function createBucket(client: S3Client, locks: boolean): Promise<string> {
  const bucket = `trail-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: locks }));
  return bucket;
}
