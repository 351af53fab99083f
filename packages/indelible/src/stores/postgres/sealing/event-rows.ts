import { CoreBytes, type CoreColumns, HASHED_COLUMNS } from '../../../event/core-bytes.js';
import type { EventCore } from '../../../event/entry.js';
import type { StoredEntry } from '../../../event/read.js';
import type { EventBytes } from '../../seal-log.js';
import { idText } from '../../sql/packed.js';
import type { Row } from '../../sql/reader.js';
import { HEADER_BYTES, isEnd, takeRow } from '../copy-out.js';
import { fromRow } from '../rows.js';

const NUMBERS: ReadonlySet<string> = new Set(['v', 'process_n', 'count']);
const DIGITS: ReadonlySet<string> = new Set(['payload_digest', 'salt']);
const NAMES: readonly string[] = [...HASHED_COLUMNS, ...NUMBERS, 'salt', 'payload'];
const [ID, ACTION, PROCESS, DIGEST] = [
  placeOf('id'),
  placeOf('action'),
  placeOf('process_id'),
  placeOf('payload_digest'),
];
const [V, N, COUNT, SALT, PAYLOAD] = [
  placeOf('v'),
  placeOf('process_n'),
  placeOf('count'),
  placeOf('salt'),
  placeOf('payload'),
];
/** What no event lacks that was stored as it should be. */
const NEEDED = ['action', 'outcome', 'source', 'actor_type', 'tenant_id', 'v', 'payload'].map(placeOf);
const [ID_BYTES, TIME_BYTES, SALT_BYTES, DIGEST_BYTES] = [16, 6, 16, 32];
const UNREAD = { recorded_at: null, role: null, ip: null, actor_text: null, search_text: null };

/** The columns for COPY, in the types in which they are read here. */
export const SELECTED_BYTES: string = NAMES.map((name) => {
  if (NUMBERS.has(name)) return `${name}::bigint`;
  return name === 'id' || DIGITS.has(name) ? name : `${name}::text`;
}).join(', ');

/** Events as COPY wrote them in its binary form. One at a time is taken apart, where it lies. */
export class EventRows implements CoreColumns, EventBytes {
  readonly bytes: Buffer;
  readonly from: Int32Array = new Int32Array(NAMES.length);
  readonly to: Int32Array = new Int32Array(NAMES.length);
  readonly #core = new CoreBytes();
  readonly #odd = new Set<number>();
  #taken = -1;
  #end = 0;
  #sealed = Buffer.alloc(8_192);
  #process = '';

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get v(): number {
    return this.#number(V);
  }

  get n(): number {
    return this.#number(N);
  }

  get count(): number {
    return this.#isNull(COUNT) ? Number.NaN : this.#number(COUNT);
  }

  get action(): string {
    return this.#text(ACTION);
  }

  /** The text of its id is made once for all that one process recorded one after another. */
  get process(): EventCore['process'] {
    if (this.#isNull(PROCESS)) return undefined;
    if (!this.#is(PROCESS, this.#process)) this.#process = this.#text(PROCESS);
    return { id: this.#process, n: this.n };
  }

  get time(): number {
    return this.bytes.readUIntBE(this.from[ID] as number, TIME_BYTES);
  }

  get size(): number {
    return this.#end - this.#taken;
  }

  /** Where each row begins, by the bytes of its id as `keyOf` makes a text of them. */
  places(): Map<string, number> {
    const places = new Map<string, number>();
    for (let at = HEADER_BYTES; !isEnd(this.bytes, at); at = this.#end) {
      this.take(at);
      if (!this.#isWhole()) this.#odd.add(at);
      places.set(keyOf(this.bytes, this.from[ID] as number), at);
    }
    return places;
  }

  /** False for a row that lost its payload or its salt, or that never was stored as it is. */
  isWhole(at: number): boolean {
    return !this.#odd.has(at);
  }

  /** Takes the row apart that begins here: all else is told of it then. */
  take(at: number): this {
    if (at === this.#taken) return this;
    this.#end = takeRow(this, at);
    this.#taken = at;
    return this;
  }

  leaf(): Uint8Array {
    return this.#core.of(this);
  }

  /** Salt and payload, one after another. */
  sealed(): Uint8Array {
    const size = this.#length(SALT) + this.#length(PAYLOAD);
    if (size > this.#sealed.length) this.#sealed = Buffer.alloc(size);
    this.#copy(SALT, 0);
    this.#copy(PAYLOAD, this.#length(SALT));
    return this.#sealed.subarray(0, size);
  }

  digest(): string {
    return this.bytes.toString('hex', this.from[DIGEST], this.to[DIGEST]);
  }

  /** Without what is not read here, which is not hashed either. */
  entry(): StoredEntry {
    const row: Record<string, unknown> = { ...UNREAD };
    for (const [place, name] of NAMES.entries()) row[name] = this.#value(place, name);
    return fromRow(row satisfies Row);
  }

  #isWhole(): boolean {
    return (
      this.#length(ID) === ID_BYTES &&
      this.#length(DIGEST) === DIGEST_BYTES &&
      this.#length(SALT) === SALT_BYTES &&
      (this.#isNull(PROCESS) || !this.#isNull(N)) &&
      NEEDED.every((place) => !this.#isNull(place))
    );
  }

  #value(place: number, name: string): string | null {
    if (this.#isNull(place)) return null;
    const bytes = this.bytes.subarray(this.from[place], this.to[place]);
    if (place === ID) return idText(bytes);
    if (NUMBERS.has(name)) return String(bytes.readBigInt64BE());
    return bytes.toString(DIGITS.has(name) ? 'hex' : 'utf8');
  }

  #copy(place: number, at: number): void {
    this.bytes.copy(this.#sealed, at, this.from[place], this.to[place]);
  }

  #text(place: number): string {
    return this.bytes.toString('utf8', this.from[place], this.to[place]);
  }

  /** Only for a text of plain letters and digits, which a process has for its id. */
  #is(place: number, text: string): boolean {
    const from = this.from[place] as number;
    if (this.#length(place) !== text.length) return false;
    for (let n = 0; n < text.length; n += 1) if (this.bytes[from + n] !== text.charCodeAt(n)) return false;
    return true;
  }

  /** As a number has it that was made of the text: beyond 2^53 the nearest one. */
  #number(place: number): number {
    const from = this.from[place] as number;
    return this.bytes.readInt32BE(from) * 0x1_0000_0000 + this.bytes.readUInt32BE(from + 4);
  }

  #length(place: number): number {
    return this.#isNull(place) ? 0 : (this.to[place] as number) - (this.from[place] as number);
  }

  #isNull(place: number): boolean {
    return (this.from[place] as number) < 0;
  }
}

/** Sixteen bytes as a text of sixteen characters, to be looked up by. */
export function keyOf(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + ID_BYTES);
}

function placeOf(name: string): number {
  return NAMES.indexOf(name);
}
