import { AuditError } from '../event/errors.js';
import { openCheckpoint, type OpenedCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import type { StoredCheckpoint } from '../stores/seal-log.js';
import { allLeaves, asksForAll, matching } from './collect.js';
import type { BundleOptions } from './create-bundle.js';
import { Explaining } from './explaining.js';
import { FileWriter, type ListedFile } from './file-writer.js';
import { FILES, FORMAT } from './layout.js';
import { type EventLine, type ProofLine, written } from './lines.js';
import type { BundleCounts, BundleManifest } from './manifest.js';
import { Proving } from './proving.js';
import { README } from './readme.js';

const KEYS_HEAD = `# The verifier keys of the log, as whoever made this bundle gives them.
# They prove nothing: whoever forges a bundle puts a key of their own here. Have the keys from elsewhere, such as
# from a contract, or from the start of the application, and give those to whatever verifies.
`;

/**
 * Writes all but the manifest and its signature, and gives what the manifest is to say; undefined when a removal has
 * overtaken it, so that it must be begun anew. To the end all the same, where it is `unstopped`.
 */
export async function writeParts(
  options: BundleOptions,
  folder: string,
  isUnstopped: boolean,
): Promise<BundleManifest | undefined> {
  const { store, query, keys, filter = {} } = options;
  const last = await store.lastCheckpoint();
  const opened = openLast(last, keys);
  const parts = new Parts(options, folder, opened);
  const isOvertaken = await parts.writeEvents(isUnstopped);
  if (isOvertaken && !isUnstopped) return undefined;
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
  readonly #explaining: Explaining;

  constructor(options: BundleOptions, folder: string, checkpoint: OpenedCheckpoint) {
    this.#options = options;
    this.#folder = folder;
    this.#checkpoint = checkpoint;
    const { store, query } = options;
    const size = Number(checkpoint.size);
    this.#proving = new Proving(store, size);
    this.#explaining = new Explaining({ source: store, tenantId: query.tenantId, size });
  }

  /** True when a removal has overtaken it: it stops there, unless it is not to be stopped. */
  async writeEvents(isUnstopped: boolean): Promise<boolean> {
    const { store, query } = this.#options;
    const size = Number(this.#checkpoint.size);
    const pages = asksForAll(query) ? allLeaves(store, size) : matching(store, query, size);
    let isOvertaken = false;
    await this.#writing([FILES.events, FILES.proofs], async ([events, proofs]) => {
      for await (const page of pages) {
        if (await this.#explaining.isOvertaken(page)) isOvertaken = true;
        if (isOvertaken && !isUnstopped) return;
        for (const line of page) {
          await events?.add(written(line));
          this.#count(line);
        }
        for (const line of await Promise.all(page.map((one) => this.#proofOf(one))))
          if (line) await proofs?.add(written(line));
      }
    });
    return isOvertaken;
  }

  /** Those that cover something in the bundle, each with the event that vouches for it. */
  async writeRemovals(): Promise<void> {
    await this.#writing([FILES.removals], async ([file]) => {
      for (const { event, note } of this.#explaining.needed) {
        const proof = await this.#proofOf(event);
        const manifest = await this.#options.store.retention?.manifestOf(event.id);
        if (proof === undefined || manifest === undefined) continue;
        await file?.add(written({ event, proof, manifest, note }));
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

  #count({ index, core, payload }: EventLine): void {
    this.counts.events += 1;
    if (index !== null) this.counts.sealed += 1;
    if (payload !== null || index === null) return;
    if (core === null) this.counts.purged += 1;
    else this.counts.emptied += 1;
  }
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
