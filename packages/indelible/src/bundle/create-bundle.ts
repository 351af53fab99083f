import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { AuditError, messageOf } from '../event/errors.js';
import type { SigningKey } from '../integrity/note-key.js';
import type { EventQuery } from '../stores/query.js';
import { type BundleSource } from './collect.js';
import type { BundleFinding } from './findings.js';
import { FILES } from './layout.js';
import { type BundleCounts, writeManifest } from './manifest.js';
import { signManifest } from './signature.js';
import { FileWriter } from './file-writer.js';
import { writeParts } from './parts.js';
import { type BundleReport, verifyBundle } from './verify-bundle.js';
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
  /** Also writes one in which something does not verify, for whoever is to see what was altered. */
  readonly withFindings?: boolean | undefined;
}

export interface Bundle {
  readonly output: string;
  readonly origin: string;
  /** How long the log was. */
  readonly size: number;
  readonly counts: BundleCounts;
  readonly isSigned: boolean;
  /** What does not verify in it; the first hundred, and none unless it was asked for with findings. */
  readonly findings: readonly BundleFinding[];
  readonly findingCount: number;
}

/** A removal that goes on for long explains itself to the second attempt; only several, one after another, do not. */
const MOST_ATTEMPTS = 3;

/**
 * Writes what matches, with everything it takes to verify it far from the store: in constant memory, and whole or not
 * at all. What is written was verified.
 */
export async function createBundle(options: BundleOptions): Promise<Bundle> {
  const output = resolve(options.output);
  const isZip = output.toLowerCase().endsWith('.zip');
  const folder = `${output}.partial`;
  for (const path of [output, folder]) await refuseExisting(path);
  try {
    const bundle = await writeVerified({ ...options, output }, folder);
    if (isZip) await zipFolder(folder, output);
    else await rename(folder, output);
    return bundle;
  } catch (cause) {
    throw AuditError.from(cause, 'BUNDLE_REFUSED', `The bundle could not be written to ${output}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Begins anew, with the checkpoint of then, when a removal has overtaken it. */
async function writeVerified(options: BundleOptions, folder: string): Promise<Bundle> {
  const { keys, withFindings = false } = options;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    const written = await writeFolder(options, folder, withFindings && attempt === MOST_ATTEMPTS);
    if (written === undefined) continue;
    const { findings, findingCount, isProven } = await verified(folder, keys);
    if (!isProven && !withFindings) throw unproven(findings, findingCount);
    return { ...written, findings, findingCount };
  }
  throw new AuditError(
    'REMOVAL_RUNNING',
    `No bundle was written, and nothing was changed: ${MOST_ATTEMPTS} times an erasure or a clean-up took events while they were being read, and the checkpoint of before cannot explain that. Write it again when they are over, or with a narrower filter.`,
  );
}

async function writeFolder(
  options: BundleOptions,
  folder: string,
  isUnstopped: boolean,
): Promise<Omit<Bundle, 'findings' | 'findingCount'> | undefined> {
  const { key, output } = options;
  const content = await writeParts(options, folder, isUnstopped);
  if (content === undefined) return undefined;
  const manifest = writeManifest(content);
  await FileWriter.write(folder, FILES.manifest, manifest);
  const { origin, size, counts } = content;
  if (key) await FileWriter.write(folder, FILES.signature, signManifest(origin, manifest, key));
  return { output, origin, size, counts, isSigned: key !== undefined };
}

async function verified(folder: string, keys: readonly string[]): Promise<BundleReport> {
  try {
    return await verifyBundle(folder, { keys });
  } catch (cause) {
    throw new AuditError(
      'NOT_PROVABLE',
      `No bundle was written, since it could not have been read: ${messageOf(cause)} Find out with indelible verify what is wrong with the log, or take a narrower filter.`,
      cause,
    );
  }
}

function unproven(findings: readonly BundleFinding[], count: number): AuditError {
  const [first] = findings;
  const where = [first?.file, first?.index === undefined ? undefined : `leaf ${first.index}`, first?.id];
  const what = `${first?.verdict} ${where.filter((part) => part !== undefined).join(', ')}: ${first?.message}`;
  const more = count > 1 ? `, and ${count - 1} more` : '';
  return new AuditError(
    'NOT_PROVABLE',
    `No bundle was written, since it would not verify: ${what}${more}. Run indelible verify to see what is wrong with the log. A payload that went by an erasure for all tenants is explained in a bundle of all tenants only. To hand over what does not verify, ask for it with its findings (--with-findings).`,
  );
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
