import { isBundleFile, FORMAT, LISTED } from './layout.js';
import type { ListedFile } from './file-writer.js';

/** What a bundle says of itself. Nothing of it is believed that a signature or a proof does not show. */
export interface BundleManifest {
  readonly format: typeof FORMAT;
  /** RFC 3339. */
  readonly made_at: string;
  /** The log it was taken from, and how long that was. */
  readonly origin: string;
  readonly size: number;
  /** One tenant ('' where there is none), or null for all of them. */
  readonly tenant_id: string | null;
  /** What was asked for. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** True when it holds every leaf of the log, from the first to the last. */
  readonly is_whole: boolean;
  readonly counts: BundleCounts;
  /** Always false: a bundle is whole, or it is not written. */
  readonly is_truncated: false;
  readonly files: readonly ListedFile[];
}

export interface BundleCounts {
  /** Lines of events, those of the purged among them. */
  readonly events: number;
  /** With a place in the log. */
  readonly sealed: number;
  /** Without their payload. */
  readonly emptied: number;
  readonly purged: number;
  readonly removals: number;
  readonly checkpoints: number;
}

const DIGEST = /^[0-9a-f]{64}$/;

export function writeManifest(manifest: BundleManifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** Undefined for any text that `writeManifest` does not write. */
export function readManifest(text: string): BundleManifest | undefined {
  try {
    const manifest = JSON.parse(text) as BundleManifest;
    return isManifest(manifest) && writeManifest(manifest) === text ? manifest : undefined;
  } catch {
    // Whoever reads it says so.
    return undefined;
  }
}

function isManifest(manifest: Partial<BundleManifest>): boolean {
  const { format, made_at, origin, size, tenant_id, filter, is_whole, counts, is_truncated, files } =
    manifest;
  return (
    format === FORMAT &&
    typeof made_at === 'string' &&
    typeof origin === 'string' &&
    isCount(size) &&
    (tenant_id === null || typeof tenant_id === 'string') &&
    isRecord(filter) &&
    typeof is_whole === 'boolean' &&
    isRecord(counts) &&
    ['events', 'sealed', 'emptied', 'purged', 'removals', 'checkpoints'].every((name) =>
      isCount(counts[name]),
    ) &&
    is_truncated === false &&
    isFileList(files)
  );
}

function isFileList(files: unknown): boolean {
  if (!Array.isArray(files) || files.length !== LISTED.length) return false;
  const names = new Set(files.map((file: ListedFile) => file.name));
  const areSound = files.every(
    ({ name, bytes, sha256 }: ListedFile) => isBundleFile(name) && isCount(bytes) && DIGEST.test(sha256),
  );
  return areSound && LISTED.every((name) => names.has(name));
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
