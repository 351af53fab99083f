import { randomFillSync } from 'node:crypto';

/** A clock that falls back by more than this is followed; by less, the last millisecond is held. */
const HOLD_MS = 10_000;
const POOL_BYTES = 12 * 512;

/**
 * Makes UUIDv7 ids that only ever grow within one process, also inside one millisecond and over small
 * steps back of the clock. After a large step back it follows the clock and says so, since holding would
 * stamp every later event with a false time.
 */
export class IdGenerator {
  readonly #now: () => number;
  readonly #onJump: (backwardsMs: number) => void;
  readonly #pool = new DataView(new ArrayBuffer(POOL_BYTES));
  #poolAt = POOL_BYTES;
  #ms = 0;
  #high = 0;
  #low = 0;

  constructor(now: () => number = Date.now, onJump: (backwardsMs: number) => void = () => undefined) {
    this.#now = now;
    this.#onJump = onJump;
  }

  next(): string {
    const now = this.#now();
    if (now > this.#ms) this.#restart(now);
    else if (this.#ms - now > HOLD_MS) this.#jump(now);
    else this.#step();
    return this.#format();
  }

  /** A new millisecond starts at a random count below half, so that there is room to count up. */
  #restart(now: number): void {
    this.#ms = now;
    this.#high = this.#random() & 0x7ff;
    this.#low = this.#random();
  }

  #jump(now: number): void {
    this.#onJump(this.#ms - now);
    this.#restart(now);
  }

  /** Grows by a random step, so that neighbouring ids cannot be guessed. */
  #step(): void {
    this.#low += 1 + (this.#random() & 0xffff);
    if (this.#low <= 0xffffffff) return;
    this.#low -= 0x100000000;
    this.#high += 1;
    if (this.#high > 0xfff) this.#restart(this.#ms + 1);
  }

  /** 48 bits of time, 44 of counter around the version and a fixed variant, 28 random bits. */
  #format(): string {
    const ms = hex(this.#ms, 12);
    const low = hex(this.#low, 8);
    const tail = hex(this.#random() & 0xfffffff, 7);
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${hex(this.#high, 3)}-8${low.slice(0, 3)}-${low.slice(3)}${tail}`;
  }

  #random(): number {
    if (this.#poolAt >= POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#poolAt = 0;
    }
    const value = this.#pool.getUint32(this.#poolAt);
    this.#poolAt += 4;
    return value;
  }
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a UUIDv7 in its canonical lower-case form. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** The millisecond in an id. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The least id of a millisecond: `id >= floorId(from) AND id < floorId(to)` is a time range. */
export function floorId(ms: number): string {
  const digits = hex(Math.min(Math.max(Math.floor(ms), 0), 0xffffffffffff), 12);
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}
