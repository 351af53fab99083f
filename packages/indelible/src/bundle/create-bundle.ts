import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { AuditError, messageOf } from '../event/errors.js';
import type { SigningKey } from '../integrity/note-key.js';
import type { EventQuery } from '../stores/query.js';
import { type BundleSource } from './collect.js';
import { FILES } from './layout.js';
import { type BundleCounts, writeManifest } from './manifest.js';
import { signManifest } from './signature.js';
import { FileWriter } from './file-writer.js';
import { writeParts } from './parts.js';
import { zipFolder } from './zip-writer.js';

export interface BundleOptions {
  readonly store: BundleSource;
  /** What to take. It stays within its tenant; null is for all of them. */
  readonly query: EventQuery;
  /** The question as it was asked, for whoever reads the bundle. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined;
  /** A folder, or a file whose name ends in `.zip`, where nothing is yet. */
  readonly output: string;
  /** The texts of the verifier keys of the log. */
  readonly keys: readonly string[];
  /** Vouches for nothing having been left out; without it the bundle is not signed, and says so. */
  readonly key?: SigningKey | undefined;
  /** Notes that were anchored: the bundle proves that its checkpoint continues them. */
  readonly anchored?: readonly string[] | undefined;
}

export interface Bundle {
  readonly output: string;
  readonly origin: string;
  /** How long the log was. */
  readonly size: number;
  readonly counts: BundleCounts;
  readonly isSigned: boolean;
}

/**
 * Writes what matches, with everything it takes to verify it far from the store: in constant memory, and whole or not
 * at all.
 */
export async function createBundle(options: BundleOptions): Promise<Bundle> {
  const output = resolve(options.output);
  const isZip = output.toLowerCase().endsWith('.zip');
  const folder = `${output}.partial`;
  for (const path of [output, folder]) await refuseExisting(path);
  try {
    await mkdir(folder, { mode: 0o700 });
    const bundle = await writeFolder({ ...options, output }, folder);
    if (isZip) await zipFolder(folder, output);
    else await rename(folder, output);
    return bundle;
  } catch (cause) {
    throw AuditError.from(cause, 'BUNDLE_REFUSED', `The bundle could not be written to ${output}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeFolder(options: BundleOptions, folder: string): Promise<Bundle> {
  const { key, output } = options;
  const content = await writeParts(options, folder);
  const manifest = writeManifest(content);
  await FileWriter.write(folder, FILES.manifest, manifest);
  const { origin, size, counts } = content;
  if (key) await FileWriter.write(folder, FILES.signature, signManifest(origin, manifest, key));
  return { output, origin, size, counts, isSigned: key !== undefined };
}

async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AuditError('BUNDLE_REFUSED', `Nothing can be written to ${path}: ${messageOf(error)}.`, error);
  });
  if (found === undefined) return;
  throw new AuditError(
    'BUNDLE_REFUSED',
    `There is something in ${path} already, and evidence is not written over: give another output, or move that away.`,
  );
}
