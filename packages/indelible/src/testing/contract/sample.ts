import { commit, type Entry, type EventCore, type SearchColumns } from '../../event/entry.js';
import type { Json, Outcome, Source } from '../../event/event.js';
import { fold } from '../../event/fold.js';
import { IdGenerator } from '../../event/id.js';

/** What an entry of a test differs in; the rest is filled in. */
export interface Given {
  readonly core?: Partial<Omit<EventCore, 'payload_digest'>>;
  readonly payload?: { readonly [key: string]: Json };
  readonly search?: SearchColumns;
}

const ids = new IdGenerator();

/** An entry ready to be stored, with an id of its own unless one is given. */
export function sample({ core, payload = { reason: 'check-up' }, search = {} }: Given = {}): Entry {
  const base = { v: 1, id: ids.next(), action: 'READ', outcome: 'success', source: 'read' } as const;
  return commit({ ...base, actor: { type: 'user', id: 'u1' }, ...core }, payload, search);
}

export function samples(count: number, given: (n: number) => Given): Entry[] {
  return Array.from({ length: count }, (_, n) => sample(given(n)));
}

/** The same entry with another body, as a faulty or hostile producer would send it. */
export function forged(entry: Entry): Entry {
  const { payload_digest: _, ...core } = entry.core;
  return commit(core, { reason: `not ${entry.payload}` }, entry.search);
}

/** Ids of one recorder whose clock stands where `at` says. */
export function idsAt(at: () => number): () => string {
  const generator = new IdGenerator(at);
  return () => generator.next();
}

/** A small random source that gives the same numbers in every run. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const PEOPLE = [
  'Ada Lovelace',
  'Zoë Čapek',
  'ﬁnn O’Neil',
  'STRASSE Weiß',
  'Ｗｉｄｅ Name',
  '李雷 张',
  '😀 Smile',
  '\ufffd behind the halves of characters',
];
const ACTIONS = ['CREATE', 'READ', 'LIST', 'UPDATE', 'DELETE', 'LOGIN_FAILED', 'A_B', 'AB'];
const MODELS = ['Patient', 'Appointment', 'Invoice', 'patient', '100%_real', 'a*b?c[d]'];
const OUTCOMES: readonly Outcome[] = ['success', 'success', 'success', 'failure', 'denied', 'error'];
const SOURCES: readonly Source[] = ['model', 'read', 'request', 'auth', 'manual', 'system'];
const ROLES = ['dentist', 'receptionist', 'owner'];
const ADDRESSES = ['10.0.0.1', '10.0.0.11', '2001:db8::1'];
const STEP_MS = 7_000;

/** A little of a clinic's life in one tenant: everything that can be filtered by, in every mixture. */
export function clinicLife(tenantId: string, count: number, seed = 1): Entry[] {
  const chance = new Chance(seed);
  let now = Date.parse('2026-03-01T00:00:00Z');
  // Half of the events share their millisecond with the one before.
  const nextId = idsAt(() => (now += chance.below(2) * chance.below(STEP_MS)));
  return Array.from({ length: count }, () => lived(chance, nextId(), tenantId));
}

function lived(chance: Chance, id: string, tenantId: string): Entry {
  const person = chance.pick([undefined, ...PEOPLE]);
  const model = chance.pick([undefined, ...MODELS]);
  const label = `${chance.pick(PEOPLE)} #${chance.below(40)}`;
  const isMany = chance.below(5) === 0;
  const core = {
    v: 1,
    id,
    action: chance.pick(ACTIONS),
    outcome: chance.pick(OUTCOMES),
    source: chance.pick(SOURCES),
    actor: person === undefined ? ({ type: 'anonymous' } as const) : actorOf(person),
    tenant_id: tenantId === '' ? undefined : tenantId,
    target: model === undefined ? undefined : { type: model, id: numberOr(chance, 30) },
    subject_id: isMany ? undefined : numberOr(chance, 20, 's'),
    count: chance.below(10) === 0 ? 2 + chance.below(1_000) : undefined,
    process: chance.below(2) === 0 ? undefined : { id: 'p1', n: chance.below(1_000_000) },
  };
  const subjects = Array.from({ length: chance.below(6) }, () => `s${chance.below(20)}`);
  return commit(
    core,
    { target: { label }, metadata: { pick: chance.below(100) } },
    {
      role: chance.pick([undefined, ...ROLES]),
      ip: chance.pick([undefined, ...ADDRESSES]),
      actorText: person === undefined ? undefined : fold(`${person} ${mailOf(person)}`),
      text: model === undefined ? undefined : fold(`${model} ${label} /api/${model}/`),
      subjects: isMany && subjects.length > 0 ? subjects : undefined,
    },
  );
}

function actorOf(person: string): EventCore['actor'] {
  return { type: 'user', id: `u${PEOPLE.indexOf(person)}` };
}

function mailOf(person: string): string {
  return `${person.split(' ')[0]}@clinic.example`;
}

function numberOr(chance: Chance, below: number, prefix = ''): string | undefined {
  return chance.below(6) === 0 ? undefined : `${prefix}${chance.below(below)}`;
}
