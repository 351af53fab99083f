import { Body, type BodyPlan, type SqliteValue } from './body.js';

/** How many values one call of a function is given at most; SQLite's own limit was 127 for long. */
const VALUES_A_CALL = 100;

/** The kinds of changes that triggers write, by the numbers they have in them. */
export class Bodies {
  readonly #bodies: Body[] = [];
  readonly #places: string[] = [];
  readonly #numbers = new Map<string, number>();
  #parts: (readonly SqliteValue[])[] = [];

  /** The call in SQL that makes the text of a change; of a wide table, several after one another. */
  call(plan: BodyPlan, values: readonly string[]): string {
    const number = this.#numberOf(plan);
    const parts = Array.from({ length: Math.ceil(values.length / VALUES_A_CALL) }, (_, n) =>
      values.slice(n * VALUES_A_CALL, (n + 1) * VALUES_A_CALL),
    );
    return parts
      .map((part, n) => `indelible_body(${number},${n},${parts.length},${part.join(',')})`)
      .join('||');
  }

  /** A number for a table, for as long as the connection lives. */
  placeOf(table: string): number {
    if (!this.#places.includes(table)) this.#places.push(table);
    return this.#places.indexOf(table);
  }

  /** The text of a change when the values given are the last part of it, else an empty one. */
  text(number: bigint, part: bigint, count: bigint, values: readonly SqliteValue[]): string {
    if (count === 1n) return this.#bodyOf(number).text(values);
    if (part === 0n) this.#parts = [];
    this.#parts.push(values);
    return part === count - 1n ? this.#bodyOf(number).text(this.#parts.flat()) : '';
  }

  #bodyOf(number: bigint): Body {
    const body = this.#bodies[Number(number)];
    if (!body) throw new RangeError(`no change has the number ${number}`);
    return body;
  }

  #numberOf(plan: BodyPlan): number {
    const key = JSON.stringify(plan);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#bodies.length);
    return this.#bodies.push(new Body(plan)) - 1;
  }
}
