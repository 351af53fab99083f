import { createHash } from 'node:crypto';

import { tagBytes, tagCut } from '../../event/tagged.js';
import { HIDDEN_AFTER, HIDDEN_BEFORE } from '../row-change.js';

/** A value of SQLite's as a registered function is given it, with all integers exact. */
export type SqliteValue = string | bigint | number | null | Uint8Array;

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

/** How one column of a row comes into the text of its change. */
export interface Member {
  readonly name: string;
  /**
   * `value`: its value. `change`: old and new, shown when they differ. `old`: its old value, in any case.
   * `both`: old in any case, and new when they differ. `hidden`: nothing. `hidden-change`: whether it changed.
   */
  readonly given: 'value' | 'change' | 'old' | 'both' | 'hidden' | 'hidden-change';
}

/** What a trigger gives of a row, in this order: its members, then the subject and the tenant. */
export interface BodyPlan {
  readonly op: Operation | 'SNAPSHOT';
  readonly model: string;
  readonly key: readonly string[];
  readonly members: readonly Member[];
  readonly hasSubject: boolean;
  readonly hasTenant: boolean;
}

/** Texts beyond this many characters are cut, since JSON of twice that length could not be made any more. */
const LONGEST_TEXT = 64 * 1024 * 1024;
const KEPT_OF_LONG = 1024;

/** Makes the text of one kind of change out of a row's values. It throws for no value. */
export class Body {
  readonly #plan: BodyPlan;
  readonly #names: readonly string[];
  readonly #head: string;
  #at = 0;

  constructor(plan: BodyPlan) {
    this.#plan = plan;
    this.#names = plan.members.map(({ name }) => `,${JSON.stringify(name)}:`);
    this.#head = `{"op":"${plan.op}","model":${JSON.stringify(plan.model)},"key":${JSON.stringify(plan.key)}`;
  }

  text(values: readonly SqliteValue[]): string {
    this.#at = 0;
    const images = this.#plan.op === 'UPDATE' ? this.#changed(values) : this.#whole(values);
    const subject = this.#plan.hasSubject ? `,"subject":${nameOf(values[this.#at++])}` : '';
    const tenant = this.#plan.hasTenant ? `,"tenant":${nameOf(values[this.#at++])}` : '';
    return `${this.#head}${images}${subject}${tenant}}`;
  }

  #whole(values: readonly SqliteValue[]): string {
    const isAfter = this.#plan.op !== 'DELETE';
    let members = '';
    this.#plan.members.forEach(({ given }, n) => {
      const hidden = isAfter ? HIDDEN_AFTER : HIDDEN_BEFORE;
      members += `${this.#names[n]}${given === 'hidden' ? hidden : jsonOf(values[this.#at++])}`;
    });
    return `,"${isAfter ? 'after' : 'before'}":{${members.slice(1)}}`;
  }

  #changed(values: readonly SqliteValue[]): string {
    let before = '';
    let after = '';
    this.#plan.members.forEach(({ given }, n) => {
      const name = this.#names[n];
      const old = values[this.#at++];
      const now = given === 'change' || given === 'both' ? values[this.#at++] : old;
      if (given === 'hidden-change') {
        if (Number(old) === 0) return;
        before += `${name}${HIDDEN_BEFORE}`;
        after += `${name}${HIDDEN_AFTER}`;
        return;
      }
      const differs = given !== 'old' && !isSame(old, now);
      if (differs || given !== 'change') before += `${name}${jsonOf(old)}`;
      if (differs) after += `${name}${jsonOf(now)}`;
    });
    return `,"before":{${before.slice(1)}},"after":{${after.slice(1)}}`;
  }
}

function isSame(old: SqliteValue | undefined, now: SqliteValue | undefined): boolean {
  if (Object.is(old, now)) return true;
  return old instanceof Uint8Array && now instanceof Uint8Array && Buffer.compare(old, now) === 0;
}

function jsonOf(value: SqliteValue | undefined): string {
  if (typeof value === 'string') return value.length > LONGEST_TEXT ? cut(value) : JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  return value instanceof Uint8Array ? JSON.stringify(tagBytes(value.length, digestOf(value))) : 'null';
}

/** A value as the name of a person or a tenant. */
function nameOf(value: SqliteValue | undefined): string {
  return typeof value === 'bigint' || typeof value === 'number' ? `"${value}"` : jsonOf(value);
}

function cut(text: string): string {
  return JSON.stringify(tagCut(Buffer.byteLength(text), digestOf(text), text.slice(0, KEPT_OF_LONG)));
}

export function digestOf(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}
