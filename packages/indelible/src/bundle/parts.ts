import { AuditError } from '../event/errors.js';
import { openCheckpoint, type OpenedCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import type { StoredRemoval } from '../stores/removal.js';
import type { StoredCheckpoint } from '../stores/seal-log.js';
import { allLeaves, asksForAll, matching } from './collect.js';
import type { BundleOptions } from './create-bundle.js';
import { FileWriter, type ListedFile } from './file-writer.js';
import { FILES, FORMAT } from './layout.js';
import { eventLine, type EventLine, type ProofLine, written } from './lines.js';
import type { BundleCounts, BundleManifest } from './manifest.js';
import { Proving } from './proving.js';
import { README } from './readme.js';
import { isCovered, removalIn, type VouchedRemoval } from './removed.js';

const KEYS_HEAD = `# The verifier keys of the log, as whoever made this bundle gives them.
# They prove nothing: whoever forges a bundle puts a key of their own here. Have the keys from elsewhere, such as
# from a contract, or from the start of the application, and give those to whatever verifies.
`;

/** Writes all but the manifest and its signature, and gives what the manifest is to say. */
export async function writeParts(options: BundleOptions, folder: string): Promise<BundleManifest> {
  const { store, query, keys, filter = {} } = options;
  const last = await store.lastCheckpoint();
  const opened = openLast(last, keys);
  const parts = new Parts(options, folder, opened);
  await parts.writeEvents();
  await parts.writeRemovals();
  await parts.writeCheckpoints();
  await parts.writeText(FILES.checkpoint, last?.note ?? '');
  await parts.writeText(FILES.keys, `${KEYS_HEAD}${keys.map((key) => `${key}\n`).join('')}`);
  await parts.writeText(FILES.readme, README);
  return {
    format: FORMAT,
    made_at: new Date().toISOString(),
    origin: opened.origin,
    size: Number(opened.size),
    tenant_id: query.tenantId,
    filter,
    is_whole: asksForAll(query),
    counts: parts.counts,
    is_truncated: false,
    files: parts.files,
  };
}

class Parts {
  readonly counts: { -readonly [K in keyof BundleCounts]: number } = {
    events: 0,
    sealed: 0,
    emptied: 0,
    purged: 0,
    removals: 0,
    checkpoints: 0,
  };
  readonly files: ListedFile[] = [];
  readonly #options: BundleOptions;
  readonly #folder: string;
  readonly #checkpoint: OpenedCheckpoint;
  readonly #proving: Proving;
  /** Asked for when the first event without its payload comes. */
  #removals: Promise<readonly KnownRemoval[]> | undefined;

  constructor(options: BundleOptions, folder: string, checkpoint: OpenedCheckpoint) {
    this.#options = options;
    this.#folder = folder;
    this.#checkpoint = checkpoint;
    this.#proving = new Proving(options.store, Number(checkpoint.size));
  }

  async writeEvents(): Promise<void> {
    const { store, query } = this.#options;
    const size = Number(this.#checkpoint.size);
    const pages = asksForAll(query) ? allLeaves(store, size) : matching(store, query, size);
    await this.#writing([FILES.events, FILES.proofs], async ([events, proofs]) => {
      for await (const page of pages) {
        for (const line of page) {
          await events?.add(written(line));
          await this.#count(line);
        }
        for (const line of await Promise.all(page.map((one) => this.#proofOf(one))))
          if (line) await proofs?.add(written(line));
      }
    });
  }

  /** Those that cover something in the bundle, each with the event that vouches for it. */
  async writeRemovals(): Promise<void> {
    await this.#writing([FILES.removals], async ([file]) => {
      for (const { manifest, event, isNeeded } of await (this.#removals ?? [])) {
        const proof = isNeeded ? await this.#proofOf(event) : undefined;
        if (proof === undefined) continue;
        await file?.add(written({ event, proof, manifest }));
        this.counts.removals += 1;
      }
    });
  }

  async writeCheckpoints(): Promise<void> {
    await this.#writing([FILES.checkpoints], async ([file]) => {
      for (const note of new Set(this.#options.anchored)) {
        const opened = openCheckpoint(note, keysOf(this.#options.keys));
        if (opened === undefined || opened.size > this.#checkpoint.size) throw notContinued(note);
        await file?.add(written({ note, proof: await this.#proving.consistency(Number(opened.size)) }));
        this.counts.checkpoints += 1;
      }
    });
  }

  async writeText(name: string, text: string): Promise<void> {
    this.files.push(await FileWriter.write(this.#folder, name, text));
  }

  async #writing(
    names: readonly string[],
    write: (files: readonly FileWriter[]) => Promise<void>,
  ): Promise<void> {
    const files: FileWriter[] = [];
    try {
      for (const name of names) files.push(await FileWriter.create(this.#folder, name));
      await write(files);
    } finally {
      for (const file of files) await file.close();
    }
    this.files.push(...files.map(({ listed }) => listed));
  }

  async #proofOf({ index }: EventLine): Promise<ProofLine | undefined> {
    if (index === null) return undefined;
    const leaf = await this.#proving.leaf(index);
    return { index, leaf, proof: await this.#proving.inclusion(index) };
  }

  async #count({ index, core, payload }: EventLine): Promise<void> {
    this.counts.events += 1;
    if (index !== null) this.counts.sealed += 1;
    if (payload !== null || index === null) return;
    if (core === null) this.counts.purged += 1;
    else this.counts.emptied += 1;
    const kind = core === null ? 'purge' : 'erase';
    this.#removals ??= this.#knownRemovals();
    for (const one of await this.#removals) if (isCovered(index, kind, [one])) one.isNeeded = true;
  }

  /** Only what the tenant of the question may read: a removal of another one could tell of that one's holds. */
  async #knownRemovals(): Promise<readonly KnownRemoval[]> {
    const known: KnownRemoval[] = [];
    for (const removal of (await this.#options.store.removals?.()) ?? []) {
      const one = await this.#known(removal);
      if (one) known.push(one);
    }
    return known;
  }

  async #known({ eventId, manifest }: StoredRemoval): Promise<KnownRemoval | undefined> {
    const { store, query } = this.#options;
    const [entry, index] = [await store.get(eventId, query.tenantId), await store.indexOf(eventId)];
    const removal = removalIn(manifest);
    if (entry === undefined || index === undefined || index >= Number(this.#checkpoint.size))
      return undefined;
    const event = eventLine(eventId, index, entry);
    return removal && { ...removal, index, manifest, event, isNeeded: false };
  }
}

interface KnownRemoval extends VouchedRemoval {
  readonly manifest: string;
  readonly event: EventLine;
  isNeeded: boolean;
}

function openLast(last: StoredCheckpoint | undefined, keys: readonly string[]): OpenedCheckpoint {
  const opened = last && openCheckpoint(last.note, keysOf(keys));
  if (opened !== undefined) return opened;
  const found = last
    ? 'its last checkpoint is signed by none of the keys that were given; give the one that signs it'
    : 'nothing is sealed yet; make a key, and let the trail run';
  throw new AuditError('NOT_PROVABLE', `No evidence can be made of this log: ${found}.`);
}

function keysOf(keys: readonly string[]): VerifierKey[] {
  return keys.map((key) => VerifierKey.parse(key));
}

function notContinued(note: string): AuditError {
  const [origin = '', size = ''] = note.split('\n', 2);
  return new AuditError(
    'LOG_INCONSISTENT',
    `The log does not continue the checkpoint of ${origin} at ${size} leaves that was anchored: it is shorter, or another key signed that one. No evidence is made of it; find out who changed the log.`,
  );
}
