import { ListObjectsV2Command, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

/** An object, or one version of it. */
export interface KeptObject {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
}

export interface Listing {
  readonly client: Pick<S3Client, 'send'>;
  readonly bucket: string;
  readonly prefix: string;
  readonly timeoutMs: number;
}

export interface ListingPage {
  readonly objects: readonly KeptObject[];
  /** Where the next page begins; undefined when there is none. */
  readonly last: KeptObject | undefined;
}

export async function listObjects(
  { client, bucket, prefix, timeoutMs }: Listing,
  after: KeptObject | undefined,
): Promise<ListingPage> {
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix,
    ...(after && { StartAfter: after.key }),
  });
  const page = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  const objects = (page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({
    key: Key,
    versionId: undefined,
    bytes: Size,
  }));
  return { objects, last: page.IsTruncated === true ? objects.at(-1) : undefined };
}

/** Every version: one that is locked can be hidden by a newer one, or by a mark that it was deleted. */
export async function listVersions(
  { client, bucket, prefix, timeoutMs }: Listing,
  after: KeptObject | undefined,
): Promise<ListingPage> {
  const command = new ListObjectVersionsCommand({
    Bucket: bucket,
    Prefix: prefix,
    ...(after && { KeyMarker: after.key, VersionIdMarker: after.versionId }),
  });
  const page = await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  const objects = (page.Versions ?? []).map(({ Key = '', VersionId, Size = 0 }) => ({
    key: Key,
    versionId: VersionId,
    bytes: Size,
  }));
  if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return { objects, last: undefined };
  const last = { key: page.NextKeyMarker, versionId: page.NextVersionIdMarker, bytes: 0 };
  return { objects, last };
}
