import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { openCheckpoint, type OpenedCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import { isSignedRemoval } from '../integrity/removal-note.js';
import { verifyConsistency } from '../integrity/verify-proof.js';
import type { EventVerdict, LogVerdict } from '../verify/verdict.js';
import { type BundleFinding, Findings } from './findings.js';
import { FILES, LONGEST_LINE, LONGEST_REMOVAL } from './layout.js';
import { readCheckpointLine, readRemovalLine, type RemovalLine } from './lines.js';
import { type BundleManifest, readManifest } from './manifest.js';
import { withBundle } from './open-bundle.js';
import { digestOfFile, readLines, readText } from './read-lines.js';
import { refused } from './refusal.js';
import { removalIn, type VouchedRemoval, vouchesFor } from './removed.js';
import { isSignedManifest } from './signature.js';
import { isBound, isInTree, verifyEvents } from './verify-events.js';

export interface VerifyBundleOptions {
  /** The texts of the verifier keys that are trusted, had from elsewhere than the bundle. */
  readonly keys: readonly string[];
  /** The most a .zip may unpack to; 8 GiB by default. */
  readonly mostBytes?: number | undefined;
}

export interface BundleReport {
  /**
   * True when a trusted key signed the checkpoint and all that is here agrees with it. What is PENDING is here all the
   * same, and not proved.
   */
  readonly isProven: boolean;
  /** True when a trusted key vouches for nothing having been left out. */
  readonly isSigned: boolean;
  /** True when every leaf of the log is here. */
  readonly isWhole: boolean;
  readonly log: LogVerdict;
  /** Whose keys it was verified with. With those of the bundle it proves nothing. */
  readonly keys: 'pinned' | 'bundle';
  readonly origin: string;
  /** How many leaves the log had. */
  readonly size: number;
  readonly signedBy: readonly string[];
  readonly events: Readonly<Record<EventVerdict, number>>;
  /** The first hundred. */
  readonly findings: readonly BundleFinding[];
  readonly findingCount: number;
}

const MOST_BYTES = 8 * 1024 ** 3;
const LONGEST_KEY_LIST = 100;

/**
 * What a bundle proves, without the store it came from: in constant memory, and believing nothing in it. Rejects with
 * `BUNDLE_REFUSED` for what is no bundle, or was made to harm whoever opens it.
 */
export async function verifyBundle(path: string, options: VerifyBundleOptions): Promise<BundleReport> {
  const pinned = options.keys.map((key) => VerifierKey.parse(key));
  return withBundle(path, options.mostBytes ?? MOST_BYTES, (folder) =>
    new Verification(folder, pinned).run(),
  );
}

class Verification {
  readonly #folder: string;
  readonly #pinned: readonly VerifierKey[];
  readonly #findings = new Findings();

  constructor(folder: string, pinned: readonly VerifierKey[]) {
    this.#folder = folder;
    this.#pinned = pinned;
  }

  async run(): Promise<BundleReport> {
    const text = await this.#text(FILES.manifest);
    const manifest = readManifest(text);
    if (manifest === undefined) throw refused(`${FILES.manifest} is not as it is written`);
    await this.#checkFiles(manifest);
    const keys = this.#pinned.length > 0 ? this.#pinned : await this.#ownKeys();
    const isSigned = await this.#checkSignature(manifest, text, keys);
    const checkpoint = openCheckpoint(await this.#text(FILES.checkpoint), keys);
    if (checkpoint === undefined) this.#checkpointIsUnsigned();
    else await this.#checkContent(manifest, checkpoint, keys);
    return this.#report(manifest, checkpoint, isSigned);
  }

  async #checkContent(
    manifest: BundleManifest,
    checkpoint: OpenedCheckpoint,
    keys: readonly VerifierKey[],
  ): Promise<void> {
    const { origin, size } = manifest;
    if (origin !== checkpoint.origin || BigInt(size) !== checkpoint.size)
      this.#altered(
        FILES.manifest,
        `it speaks of ${origin} at ${size} leaves, and the checkpoint is another one`,
      );
    await this.#checkCheckpoints(checkpoint, keys);
    const removals = await this.#removals(checkpoint, keys);
    const findings = this.#findings;
    await verifyEvents({ folder: this.#folder, manifest, checkpoint, removals, findings });
  }

  async #checkFiles({ files }: BundleManifest): Promise<void> {
    for (const { name, bytes, sha256 } of files) {
      const found = await digestOfFile(join(this.#folder, name));
      if (found.bytes !== bytes || found.sha256 !== sha256)
        this.#altered(name, 'it is not the file that the manifest lists');
    }
  }

  /** An unsigned bundle proves what is in it; a signature that does not hold is worse than none. */
  async #checkSignature(
    { origin }: BundleManifest,
    manifest: string,
    keys: readonly VerifierKey[],
  ): Promise<boolean> {
    if (!(await readdir(this.#folder)).includes(FILES.signature)) return false;
    const isSigned = isSignedManifest(await this.#text(FILES.signature), origin, manifest, keys);
    const message = 'it is no signature of a trusted key over this manifest';
    if (!isSigned) this.#findings.add({ verdict: 'BAD_SIGNATURE', file: FILES.signature, message });
    return isSigned;
  }

  async #checkCheckpoints(log: OpenedCheckpoint, keys: readonly VerifierKey[]): Promise<void> {
    const file = FILES.checkpoints;
    for await (const text of readLines(join(this.#folder, file), LONGEST_LINE)) {
      const line = readCheckpointLine(text);
      if (line === undefined) throw refused(`a line of ${file} is no checkpoint`);
      const opened = openCheckpoint(line.note, keys);
      if (opened === undefined) {
        this.#findings.add({ verdict: 'BAD_SIGNATURE', file, message: 'no trusted key signed one of them' });
        continue;
      }
      const { size: size1, root: root1 } = opened;
      const claim = { size1, root1, size2: log.size, root2: log.root, proof: line.proof };
      const message = `the log does not continue the checkpoint at ${size1} leaves`;
      if (opened.origin !== log.origin || !verifyConsistency(claim))
        this.#findings.add({ verdict: 'FORK', file, message });
    }
  }

  async #removals(checkpoint: OpenedCheckpoint, keys: readonly VerifierKey[]): Promise<VouchedRemoval[]> {
    const removals: VouchedRemoval[] = [];
    for await (const text of readLines(join(this.#folder, FILES.removals), LONGEST_REMOVAL)) {
      const line = readRemovalLine(text);
      if (line === undefined) throw refused(`a line of ${FILES.removals} is no removal`);
      const vouched = vouchedBy(line, checkpoint, keys);
      if (vouched) removals.push(vouched);
      else this.#unvouched(line);
    }
    return removals;
  }

  #unvouched({ event: { id } }: RemovalLine): void {
    const message = 'a removal is signed by no trusted key, or not vouched for by the event it names';
    this.#findings.add({ verdict: 'TAMPERED', file: FILES.removals, id, message });
  }

  async #ownKeys(): Promise<VerifierKey[]> {
    const lines = (await this.#text(FILES.keys)).split('\n');
    const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
    if (keys.length > LONGEST_KEY_LIST) throw refused(`${FILES.keys} has ${keys.length} keys`);
    try {
      return keys.map((key) => VerifierKey.parse(key));
    } catch (cause) {
      throw refused(`${FILES.keys} holds what is no key`, cause);
    }
  }

  #checkpointIsUnsigned(): void {
    const message = 'no trusted key signed it, so that nothing here is proved';
    this.#findings.add({ verdict: 'BAD_SIGNATURE', file: FILES.checkpoint, message });
  }

  #altered(file: string, message: string): void {
    this.#findings.add({ verdict: 'TAMPERED', file, message });
  }

  #text(name: string): Promise<string> {
    return readText(join(this.#folder, name));
  }

  #report(
    manifest: BundleManifest,
    checkpoint: OpenedCheckpoint | undefined,
    isSigned: boolean,
  ): BundleReport {
    const { log, count, kept, events } = this.#findings;
    const isPinned = this.#pinned.length > 0;
    return {
      isProven: isPinned && checkpoint !== undefined && count === 0,
      isSigned: isPinned && isSigned,
      isWhole: manifest.is_whole,
      log,
      keys: isPinned ? 'pinned' : 'bundle',
      origin: checkpoint?.origin ?? manifest.origin,
      size: Number(checkpoint?.size ?? manifest.size),
      signedBy: checkpoint?.signedBy ?? [],
      events,
      findings: kept,
      findingCount: count,
    };
  }
}

/** A removal counts only by a trusted key, and by an event in the log itself, which must have its digest. */
function vouchedBy(
  { event, proof, manifest, note }: RemovalLine,
  tree: OpenedCheckpoint,
  keys: readonly VerifierKey[],
): VouchedRemoval | undefined {
  const { core, payload, index } = event;
  const removal = removalIn(manifest);
  if (core === null || payload === null || index === null || removal === undefined) return undefined;
  const isVouched =
    isSignedRemoval(note, { eventId: event.id, kind: removal.kind, manifest }, keys) &&
    isInTree(event, proof, tree) &&
    isBound(event) &&
    vouchesFor(core, payload, manifest, removal.kind);
  return isVouched ? { ...removal, index } : undefined;
}
