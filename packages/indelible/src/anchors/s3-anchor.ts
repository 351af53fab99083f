import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';

import { AuditError, messageOf } from '../event/errors.js';
import type { Anchor, AnchorAssurance, AnchoredCheckpoint } from './anchor.js';
import { LONGEST_NOTE, digestOf } from './note-facts.js';
import { type KeptObject, listObjects, listVersions } from './s3-listing.js';

export interface S3AnchorOptions {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** What the keys begin with; `checkpoints/` by default. One log, one prefix. */
  readonly prefix?: string | undefined;
  /**
   * For how many days nobody may overwrite or remove what is anchored, the owner of the account included. The bucket
   * must have been made with Object Lock.
   */
  readonly retainDays?: number | undefined;
  /** How long the server may take to answer, in milliseconds; 10 seconds by default. */
  readonly timeoutMs?: number | undefined;
}

const DAY_MS = 86_400_000;
/** A lock is made for whole seconds, by a clock that is not ours. */
const TOLERANCE_MS = 60_000;
const TIMEOUT_MS = 10_000;
const LARGEST_SIZE = Number.MAX_SAFE_INTEGER;
const SIZE_DIGITS = 16;
const KEY = /^\d{16}-\d{1,16}-([0-9a-f]{64})\.txt$/;
/** More of what is not accepted is not looked through: somebody is filling the bucket. */
const MOST_PASSED_OVER = 1_000;
/** Of one key, so many are looked at for a lock. */
const MOST_VERSIONS = 10;

/**
 * Checkpoints as objects in S3, or in what speaks its language. With `retainDays` they are locked in compliance mode.
 *
 * @example
 * ```ts
 * s3Anchor({ client: new S3Client({ region: 'eu-central-1' }), bucket: 'clinic-checkpoints', retainDays: 3650 });
 * ```
 */
export function s3Anchor(options: S3AnchorOptions): Anchor {
  const { bucket, retainDays } = options;
  const isSound = retainDays === undefined || (Number.isFinite(retainDays) && retainDays > 0);
  if (isSound && typeof bucket === 'string' && bucket !== '') return new S3Anchor(options);
  throw new AuditError(
    'INVALID_OPTIONS',
    `An S3 anchor cannot be made of bucket ${JSON.stringify(bucket)} and retainDays ${String(retainDays)}. Give the name of a bucket, and a number of days above 0 or none.`,
  );
}

class S3Anchor implements Anchor {
  readonly name: string;
  readonly assurance: AnchorAssurance;
  readonly #options: S3AnchorOptions;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  /** Set once this server was seen to lock an object: some take the request and forget the lock. */
  #locks = false;

  constructor(options: S3AnchorOptions) {
    const { bucket, prefix = 'checkpoints/', retainDays, timeoutMs = TIMEOUT_MS } = options;
    this.#options = options;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
    this.name = `s3://${bucket}/${prefix}`;
    this.assurance = retainDays === undefined ? 'operator' : 'worm';
  }

  async put({ size, note }: AnchoredCheckpoint): Promise<void> {
    const key = keyOf(this.#prefix, size, note);
    await this.#telling(async () => {
      const isNew = await this.#create(key, note);
      if (!isNew) await this.#confirm(key, note);
      if (this.assurance === 'worm' && !(isNew && this.#locks)) await this.#confirmLock(key, isNew);
    });
  }

  async newest(accepts: (note: string) => boolean = () => true): Promise<string | undefined> {
    let passedOver = 0;
    for await (const note of this.all()) {
      if (accepts(note)) return note;
      passedOver += 1;
      if (passedOver >= MOST_PASSED_OVER) throw flooded(this.name);
    }
    return undefined;
  }

  /** The largest first. An object that is not what its key says is none of ours, and is passed over. */
  async *all(): AsyncGenerator<string> {
    for await (const object of this.#objects()) {
      const note = await this.#telling(() => this.#read(object));
      if (digestOf(note) === this.#digestIn(object)) yield note;
    }
  }

  /** Of the version that holds it: another one may have been put over it, or a mark of deletion. */
  async lockedUntil({ size, note }: AnchoredCheckpoint): Promise<Date | undefined> {
    const key = keyOf(this.#prefix, size, note);
    return this.#telling(async () => {
      for (const version of await this.#versionsOf(key)) {
        const until = await this.#lockOf(version);
        const isLocked = until !== undefined && until.getTime() > Date.now();
        if (isLocked && (await this.#read(version)) === note) return until;
      }
      return undefined;
    });
  }

  /** The oldest first, which is ours unless somebody has had the key before. */
  async #versionsOf(key: string): Promise<readonly KeptObject[]> {
    const { client, bucket } = this.#options;
    const page = await listVersions({ client, bucket, prefix: key, timeoutMs: this.#timeoutMs }, undefined);
    const versions = page.objects.filter((one) => one.key === key && one.bytes <= LONGEST_NOTE);
    return versions.toReversed().slice(0, MOST_VERSIONS);
  }

  async #lockOf({ key, versionId }: KeptObject): Promise<Date | undefined> {
    const { client, bucket } = this.#options;
    const command = new HeadObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(versionId !== undefined && { VersionId: versionId }),
    });
    const head = await client.send(command, this.#deadline());
    return head.ObjectLockMode === 'COMPLIANCE' ? head.ObjectLockRetainUntilDate : undefined;
  }

  async *#objects(): AsyncGenerator<KeptObject> {
    const list = this.assurance === 'worm' ? listVersions : listObjects;
    const { client, bucket } = this.#options;
    const timeoutMs = this.#timeoutMs;
    let after: KeptObject | undefined;
    for (let isMore = true; isMore;) {
      const page = await this.#telling(() =>
        list({ client, bucket, prefix: this.#prefix, timeoutMs }, after),
      );
      yield* page.objects.filter((one) => this.#digestIn(one) !== undefined && one.bytes <= LONGEST_NOTE);
      after = page.last;
      isMore = after !== undefined;
    }
  }

  /** False when there is an object of that key. A server that does not know the condition puts the same bytes again. */
  async #create(key: string, note: string): Promise<boolean> {
    const { bucket, retainDays } = this.#options;
    const input: PutObjectCommandInput = {
      Bucket: bucket,
      Key: key,
      Body: Buffer.from(note),
      ContentType: 'text/plain; charset=utf-8',
      ChecksumSHA256: Buffer.from(digestOf(note), 'hex').toString('base64'),
      IfNoneMatch: '*',
    };
    const lock: Partial<PutObjectCommandInput> =
      retainDays === undefined
        ? {}
        : {
            ObjectLockMode: 'COMPLIANCE',
            ObjectLockRetainUntilDate: new Date(Date.now() + retainDays * DAY_MS),
          };
    try {
      await this.#options.client.send(new PutObjectCommand({ ...input, ...lock }), this.#deadline());
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return false;
      throw error;
    }
  }

  async #confirm(key: string, note: string): Promise<void> {
    const found = await this.#read({ key, versionId: undefined, bytes: 0 });
    if (found !== note) throw new Error(`there is something else under ${key}`);
  }

  async #confirmLock(key: string, isNew: boolean): Promise<void> {
    const { retainDays = 0 } = this.#options;
    const until = await this.#lockOf({ key, versionId: undefined, bytes: 0 });
    const least = Date.now() + (isNew ? retainDays * DAY_MS - TOLERANCE_MS : 0);
    if ((until?.getTime() ?? 0) < least) throw new Error(`the server keeps ${key} unlocked`);
    this.#locks = true;
  }

  async #read({ key, versionId }: KeptObject): Promise<string> {
    const { client, bucket } = this.#options;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(versionId !== undefined && { VersionId: versionId }),
    });
    const { Body: body } = await client.send(command, this.#deadline());
    return body === undefined ? '' : body.transformToString();
  }

  #digestIn({ key }: KeptObject): string | undefined {
    return KEY.exec(key.slice(this.#prefix.length))?.[1];
  }

  #deadline(): { abortSignal: AbortSignal } {
    return { abortSignal: AbortSignal.timeout(this.#timeoutMs) };
  }

  async #telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new AuditError(
        'ANCHOR_UNAVAILABLE',
        `The anchor ${this.name} cannot be used: ${reasonOf(cause)}. Let this process put, read and list objects there${this.assurance === 'worm' ? ', with their versions and retention, in a bucket made with Object Lock' : ''}.`,
        cause,
      );
    }
  }
}

/** The largest size sorts first, so that the newest is found by one question; the digest makes it idempotent. */
function keyOf(prefix: string, size: number, note: string): string {
  const place = String(LARGEST_SIZE - size).padStart(SIZE_DIGITS, '0');
  return `${prefix}${place}-${size}-${digestOf(note)}.txt`;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

/** Some servers give a name and no message. */
function reasonOf(cause: unknown): string {
  const status = statusOf(cause);
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : '';
  return `${name}${messageOf(cause)}${status === undefined ? '' : ` (${status})`}`;
}

function flooded(name: string): AuditError {
  return new AuditError(
    'ANCHOR_UNAVAILABLE',
    `The anchor ${name} holds ${MOST_PASSED_OVER} newer notes that no known key signed: somebody else writes there. Find out who may put objects in the bucket, or name the earlier keys in keys.previous.`,
  );
}
