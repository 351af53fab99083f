import { AuditError, messageOf } from '../event/errors.js';
import { openCheckpoint } from '../integrity/checkpoint.js';
import type { VerifierKey } from '../integrity/note-key.js';
import { inTime } from '../trail/deadline.js';
import type { GivenCheckpoint } from '../verify/options.js';
import type { Verification } from '../verify/verification.js';
import { verifyTrail } from '../verify/verify.js';
import { keysOf } from './handlers/keys.js';
import { Refusal } from './refusal.js';
import type { Serving } from './serving.js';

const ANCHOR_MS = 10_000;

/** A verification that this process was asked for. */
export interface VerificationRun {
  readonly startedAt: string;
  readonly startedBy: string;
  readonly verified: number;
  readonly of: number;
  /** Null while it is running. */
  readonly finishedAt: string | null;
  /** Null while it is running, and when it could not come to its end. */
  readonly found: Verification | null;
  /** Why it could not come to its end. */
  readonly failure: string | null;
  /** The anchors that could not be asked. */
  readonly unheard: readonly string[];
}

type Running = { -readonly [K in keyof VerificationRun]: VerificationRun[K] };

/** Verifies the whole trail in the background, one at a time. What it found is kept as long as this process lives. */
export class Verifying {
  readonly #serving: Serving;
  #last: Running | undefined;

  constructor(serving: Serving) {
    this.#serving = serving;
  }

  /** The one that is running, or the last. */
  get last(): VerificationRun | undefined {
    return this.#last;
  }

  start(startedBy: string): VerificationRun {
    if (this.#last?.finishedAt === null) throw running();
    const keys = keysOf(this.#serving);
    if (keys.length === 0) throw withoutKeys();
    const run: Running = {
      startedAt: new Date().toISOString(),
      startedBy,
      verified: 0,
      of: 0,
      finishedAt: null,
      found: null,
      failure: null,
      unheard: [],
    };
    this.#last = run;
    void this.#run(run, keys);
    return run;
  }

  async #run(run: Running, keys: readonly VerifierKey[]): Promise<void> {
    try {
      const knownCheckpoints = await this.#anchored(run, keys);
      run.found = await verifyTrail(this.#serving.store, {
        keys,
        knownCheckpoints,
        onProgress: (verified, of) => Object.assign(run, { verified, of }),
      });
    } catch (error) {
      // What a database says of itself is for its operator.
      run.failure = `The trail could not be read to its end: ${error instanceof AuditError ? error.code : 'UNEXPECTED'}. Nothing was found out; see the log of the server, or run npx indelible verify.`;
    }
    run.finishedAt = new Date().toISOString();
  }

  /** What each anchor holds that one of the keys signed: the log must continue it. */
  async #anchored(run: Running, keys: readonly VerifierKey[]): Promise<GivenCheckpoint[]> {
    const asked = this.#serving.anchors.map(async (anchor): Promise<GivenCheckpoint[]> => {
      try {
        const newest = anchor.newest((note) => openCheckpoint(note, keys) !== undefined);
        const note = await inTime(newest, ANCHOR_MS, `the anchor ${anchor.name}`, 'ANCHOR_UNAVAILABLE');
        return note === undefined ? [] : [{ name: anchor.name, note }];
      } catch (error) {
        run.unheard = [...run.unheard, `${anchor.name}: ${messageOf(error)}`];
        return [];
      }
    });
    return (await Promise.all(asked)).flat();
  }
}

function running(): Refusal {
  return new Refusal(409, 'A verification is running already; its progress is at integrity/.', {
    code: 'VERIFICATION_RUNNING',
  });
}

function withoutKeys(): Refusal {
  return new Refusal(
    409,
    'There is no key here to verify with: this trail seals nothing. Run npx indelible verify with the keys where they are.',
    { code: 'KEY_INVALID' },
  );
}
