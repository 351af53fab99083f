/** The columns of a core, in any place of some bytes: a text as UTF-8, an id as its sixteen bytes, a digest as its own. */
export interface CoreColumns {
  readonly bytes: Buffer;
  /** Where the column of a place in `HASHED_COLUMNS` begins; negative for one that is NULL. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly v: number;
  /** Of its process, where it has one. */
  readonly n: number;
  /** NaN where it is NULL. */
  readonly count: number;
}

/** The columns that are written as they lie there. */
export const HASHED_COLUMNS = [
  'id',
  'action',
  'outcome',
  'source',
  'actor_type',
  'actor_id',
  'tenant_id',
  'target_type',
  'target_id',
  'subject_id',
  'process_id',
  'payload_digest',
] as const;

type Column = (typeof HASHED_COLUMNS)[number];

const PLACE = Object.fromEntries(HASHED_COLUMNS.map((name, n) => [name, n])) as Readonly<
  Record<Column, number>
>;
const HEX = Buffer.from('0123456789abcdef');
/** The digits of an id before which a hyphen stands. */
const GROUPS = new Set([4, 6, 8, 10]);
const [QUOTE, BACKSLASH, SPACE, HYPHEN] = [0x22, 0x5c, 0x20, 0x2d];
/** A byte becomes six characters at most, and what is around the columns is short. */
const WIDEST = 6;
const AROUND = 1_024;

const member = (name: string, before = ','): Buffer => Buffer.from(`${before}"${name}":`);
const [ACTION, ACTOR, COUNT, ID] = [
  member('action', '{'),
  member('actor'),
  member('count'),
  member('id'),
] as const;
const [OUTCOME, DIGEST, PROCESS] = [member('outcome'), member('payload_digest'), member('process')] as const;
const [SOURCE, SUBJECT, TARGET, TENANT] = [
  member('source'),
  member('subject_id'),
  member('target'),
  member('tenant_id'),
] as const;
const [N, V, FIRST_ID, FIRST_TYPE] = [
  member('n'),
  member('v'),
  member('id', '{'),
  member('type', '{'),
] as const;
const TYPE = member('type');
const END = 0x7d;

/**
 * Writes the canonical text of a core straight from its columns: the very bytes that `canonicalize` would give for the
 * core made of them, for a tenth of the work. Before it stands the byte that a leaf is hashed with.
 */
export class CoreBytes {
  #out = Buffer.alloc(4_096);
  #end = 0;

  /** They hold until the next are asked for. */
  of(columns: CoreColumns): Uint8Array {
    this.#begin(columns);
    this.#text(columns, ACTION, PLACE.action);
    this.#put(ACTOR);
    this.#idAndType(columns, PLACE.actor_id, PLACE.actor_type);
    if (!Number.isNaN(columns.count)) this.#number(COUNT, columns.count);
    this.#put(ID);
    this.#id(columns.bytes, columns.from[PLACE.id] as number);
    this.#text(columns, OUTCOME, PLACE.outcome);
    this.#put(DIGEST);
    this.#hex(columns, PLACE.payload_digest);
    this.#process(columns);
    this.#text(columns, SOURCE, PLACE.source);
    this.#text(columns, SUBJECT, PLACE.subject_id);
    this.#target(columns);
    if (lengthOf(columns, PLACE.tenant_id) > 0) this.#text(columns, TENANT, PLACE.tenant_id);
    this.#number(V, columns.v);
    this.#byte(END);
    return this.#out.subarray(0, this.#end);
  }

  #begin(columns: CoreColumns): void {
    let most = AROUND;
    for (let n = 0; n < HASHED_COLUMNS.length; n += 1) most += lengthOf(columns, n) * WIDEST;
    if (most > this.#out.length) this.#out = Buffer.alloc(most);
    this.#end = 1;
  }

  #process(columns: CoreColumns): void {
    if ((columns.from[PLACE.process_id] as number) < 0) return;
    this.#put(PROCESS);
    this.#text(columns, FIRST_ID, PLACE.process_id);
    this.#number(N, columns.n);
    this.#byte(END);
  }

  #target(columns: CoreColumns): void {
    if ((columns.from[PLACE.target_type] as number) < 0) return;
    this.#put(TARGET);
    this.#idAndType(columns, PLACE.target_id, PLACE.target_type);
  }

  #idAndType(columns: CoreColumns, id: number, type: number): void {
    const hasId = (columns.from[id] as number) >= 0;
    this.#text(columns, FIRST_ID, id);
    this.#text(columns, hasId ? TYPE : FIRST_TYPE, type);
    this.#byte(END);
  }

  /** A member that is a text, unless it is absent. */
  #text(columns: CoreColumns, name: Buffer, place: number): void {
    const from = columns.from[place] as number;
    if (from < 0) return;
    this.#put(name);
    this.#byte(QUOTE);
    const { bytes } = columns;
    const out = this.#out;
    const start = this.#end;
    const to = columns.to[place] as number;
    let end = start;
    for (let at = from; at < to; at += 1, end += 1) {
      const byte = bytes[at] as number;
      if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) {
        // Seldom: what the engine would escape, it escapes.
        const escaped = JSON.stringify(bytes.toString('utf8', from, to));
        end = start + out.write(escaped.slice(1, -1), start);
        break;
      }
      out[end] = byte;
    }
    out[end] = QUOTE;
    this.#end = end + 1;
  }

  #number(name: Buffer, value: number): void {
    this.#put(name);
    if (value >= 0 && value < 10) this.#byte(0x30 + value);
    else this.#end += this.#out.write(String(value), this.#end, 'latin1');
  }

  #id(bytes: Buffer, from: number): void {
    this.#byte(QUOTE);
    for (let n = 0; n < 16; n += 1) {
      if (GROUPS.has(n)) this.#byte(HYPHEN);
      this.#digits(bytes[from + n] as number);
    }
    this.#byte(QUOTE);
  }

  #hex({ bytes, from, to }: CoreColumns, place: number): void {
    this.#byte(QUOTE);
    for (let at = from[place] as number; at < (to[place] as number); at += 1)
      this.#digits(bytes[at] as number);
    this.#byte(QUOTE);
  }

  #digits(byte: number): void {
    const out = this.#out;
    const end = this.#end;
    out[end] = HEX[byte >> 4] as number;
    out[end + 1] = HEX[byte & 15] as number;
    this.#end = end + 2;
  }

  #put(bytes: Buffer): void {
    const out = this.#out;
    const end = this.#end;
    for (let n = 0; n < bytes.length; n += 1) out[end + n] = bytes[n] as number;
    this.#end = end + bytes.length;
  }

  #byte(byte: number): void {
    this.#out[this.#end] = byte;
    this.#end += 1;
  }
}

function lengthOf({ from, to }: CoreColumns, place: number): number {
  return (from[place] as number) < 0 ? 0 : (to[place] as number) - (from[place] as number);
}
