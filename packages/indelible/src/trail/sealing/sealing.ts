import { Anchoring } from '../../anchors/anchoring.js';
import { type Assurance, assuranceOf } from '../../anchors/assurance.js';
import { AuditError } from '../../event/errors.js';
import type { LooseInput } from '../../event/input.js';
import { type LogKeys, type SigningKey, VerifierKey } from '../../integrity/note-key.js';
import type { SealLog } from '../../stores/seal-log.js';
import type { SealSettings, Settings } from '../options.js';
import type { TrailStats } from '../stats.js';
import { isReadableByOthers, keyIn, type SealingKeys, withPrevious } from './keys.js';
import { Sealer } from './sealer.js';

export interface SealingParts {
  readonly settings: Settings;
  /** How long each answer of the store may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly stats: TrailStats;
  readonly log: (line: string) => void;
  readonly report: (error: AuditError) => void;
  /** Records an event of the trail's own; false when there is no room for it. Resolves when it is stored, or cannot be. */
  readonly record: (event: LooseInput) => Promise<boolean>;
}

/** The sealer of a trail, or the reason why it has none. */
export class Sealing {
  readonly #parts: SealingParts;
  readonly #sealer: Sealer | undefined;
  #anchoring: Anchoring | undefined;
  #keyring: LogKeys | undefined;
  #lines: readonly string[] = [];

  constructor(parts: SealingParts) {
    this.#parts = parts;
    this.#sealer = this.#open(parts.settings.seal);
  }

  /** Says what it will do, and begins. */
  start(): void {
    for (const line of this.#lines) this.#parts.log(`indelible: ${line}`);
    this.#sealer?.start();
    this.#anchoring?.start();
  }

  /** What the log can prove, by what anchors have taken of it. */
  assurance(): Assurance {
    return this.#anchoring?.assurance() ?? assuranceOf([]);
  }

  /** So many events were stored by this process. */
  wake(count: number): void {
    this.#sealer?.wake(count);
  }

  /** Records which key signs, when that is news and was not told yet. A store that is away is not waited for. */
  async announce(): Promise<void> {
    if (this.#parts.stats.storeIsUp) await this.#sealer?.announce();
  }

  /** Resolves when everything that is stored now is sealed. */
  sealAll(): Promise<void> {
    return this.#sealer?.sealAll() ?? Promise.reject(unsealed(this.#lines));
  }

  /** Throws where nothing is sealed, so that there are none. */
  get keys(): LogKeys {
    if (this.#keyring === undefined) throw unsealed(this.#lines);
    return this.#keyring;
  }

  /** Seals what is pending, unless the store is away. */
  async close(): Promise<void> {
    if (this.#parts.stats.storeIsUp) await this.#sealer?.close();
    else this.#sealer?.stop();
    await this.#anchoring?.close();
  }

  #open(seal: SealSettings | undefined): Sealer | undefined {
    const { store } = this.#parts.settings;
    if (seal === undefined) return this.#none('sealing: none here');
    if (!keepsLog(store)) return this.#none(`sealing: none, the store keeps no log: ${store.description}`);
    const keys = this.#keys(seal);
    return keys && this.#sealerOf(store, seal, keys);
  }

  #sealerOf(log: SealLog, seal: SealSettings, keys: SealingKeys): Sealer {
    const { deadlineMs, stats, report, record } = this.#parts;
    this.#lines = [`sealing: every ${seal.everyMs} ms; verify with ${keys.signing[0].verifierKey}`].concat(
      this.#lines,
    );
    const { anchors } = this.#parts.settings;
    const known = keys.known.map((key) => VerifierKey.parse(key));
    this.#keyring = { signing: keys.signing, known };
    if (anchors.length > 0) this.#anchoring = new Anchoring({ anchors, log, keys: known, report });
    return new Sealer({
      ...seal,
      log,
      keys,
      deadlineMs,
      stats,
      report,
      announce: async (event) => {
        if (!(await record(event))) throw notAnnounced();
      },
    });
  }

  /** Undefined when there is none, or none that can be used: events are stored all the same, and can be sealed later. */
  #keys(seal: SealSettings): SealingKeys | undefined {
    const { settings, stats, report } = this.#parts;
    const { file, previous } = settings.keys;
    try {
      const key = seal.key ?? this.#keyIn(file);
      return key && withPrevious(key, previous);
    } catch (error) {
      stats.sealFailures += 1;
      report(AuditError.from(error, 'KEY_INVALID', `The key in ${file} cannot be used`));
      return this.#none('sealing: none, since the key cannot be used');
    }
  }

  #keyIn(file: string): SigningKey | undefined {
    const key = keyIn(file);
    if (key === undefined) return this.#none('sealing: none', withoutKey(file));
    if (isReadableByOthers(file)) this.#lines = [`warning: Others may read ${file}: run chmod 600 on it.`];
    return key;
  }

  #none(...lines: readonly string[]): undefined {
    this.#lines = lines;
  }
}

/** A store of somebody's own, in JavaScript or older than the log, may be without one. */
function keepsLog(store: Partial<SealLog>): boolean {
  return typeof store.pending === 'function' && typeof store.seal === 'function';
}

function withoutKey(file: string): string {
  return `warning: Nothing is sealed, so that nothing proves what is altered: there is no key in ${file}. Run npx indelible keys create --name <origin>, or set seal: false where another program seals.`;
}

function unsealed(lines: readonly string[]): AuditError {
  return new AuditError(
    'KEY_INVALID',
    `Nothing is sealed by this trail. It said at its start: ${lines.join(' ')}`,
  );
}

function notAnnounced(): AuditError {
  return new AuditError(
    'TRAIL_UNAVAILABLE',
    'There was no room to record which key signs from here on, and nothing is sealed before that; it is tried again.',
  );
}
