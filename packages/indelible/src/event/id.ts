import { createHash, randomBytes } from 'node:crypto';

/** A clock that falls back by more than this is followed; by less, the last millisecond is held. */
const HOLD_MS = 10_000;
const COUNTER_END = 0x1000000;
const TAIL_DIGITS = 12;
const POOL_BYTES = 3072;
/** The numbers of half a counter, written out once. */
const DIGITS: readonly string[] = Array.from({ length: 0x1000 }, (_, i) => hex(i, 3));

/**
 * Makes UUIDv7 ids that only ever grow within one process, also inside one millisecond and over small
 * steps back of the clock. After a large step back it follows the clock and says so, since holding would
 * stamp every later event with a false time.
 *
 * An id is 48 bits of time, a counter of 24 bits around the version and the variant, and 48 random bits.
 */
export class IdGenerator {
  readonly #now: () => number;
  readonly #onJump: (backwardsMs: number) => void;
  #ms = 0;
  #head = '';
  #counter = 0;
  #pool = '';
  #poolAt = 0;

  constructor(now: () => number = Date.now, onJump: (backwardsMs: number) => void = () => undefined) {
    this.#now = now;
    this.#onJump = onJump;
  }

  next(): string {
    const now = this.#now();
    if (now > this.#ms) this.#enter(now);
    else if (this.#ms - now > HOLD_MS) this.#jump(now);
    else this.#count();
    return `${this.#head}${DIGITS[this.#counter >>> 12]}-8${DIGITS[this.#counter & 0xfff]}-${this.#tail()}`;
  }

  /** A new millisecond begins at a random count in the lower half, so that there is room to count up. */
  #enter(ms: number): void {
    this.#ms = ms;
    this.#head = `${timeDigits(ms)}-7`;
    this.#counter = Number.parseInt(this.#tail().slice(0, 6), 16) >>> 1;
  }

  /** Whoever is told may take ids at once, so the count goes on behind them. */
  #jump(now: number): void {
    const backwardsMs = this.#ms - now;
    this.#enter(now);
    this.#onJump(backwardsMs);
    this.#count();
  }

  /** When a millisecond's numbers are used up, the next one is begun ahead of the clock. */
  #count(): void {
    this.#counter += 1;
    if (this.#counter === COUNTER_END) this.#enter(this.#ms + 1);
  }

  #tail(): string {
    if (this.#poolAt === this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES).toString('hex');
      this.#poolAt = 0;
    }
    this.#poolAt += TAIL_DIGITS;
    return this.#pool.slice(this.#poolAt - TAIL_DIGITS, this.#poolAt);
  }
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

function timeDigits(ms: number): string {
  const digits = hex(ms, 12);
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

const PLACES = 2 ** 32;
/** The two bits every UUID has there, before twenty of the order. */
const VARIANT = 2 << 20;

/**
 * The id of what a database wrote at a moment and in a place of its own order: the same for the same row
 * whenever it is made, in the order of the places within a millisecond, and as unlike any other as a random one.
 */
export function idOfPlace(ms: number, place: number, salt: string): string {
  const order = ((Math.trunc(place) % PLACES) + PLACES) % PLACES;
  const digest = createHash('sha256').update(`id ${salt} ${place}`).digest();
  const variant = (VARIANT | (order & 0xfffff)) * 4 + ((digest[0] ?? 0) & 3);
  const low = hex(variant, 6);
  const tail = digest.toString('hex', 1, 6);
  return `${timeDigits(ms)}-7${hex(order >>> 20, 3)}-${low.slice(0, 4)}-${low.slice(4)}${tail}`;
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
  return `${timeDigits(Math.min(Math.max(Math.floor(ms), 0), 0xffffffffffff))}-0000-0000-000000000000`;
}
