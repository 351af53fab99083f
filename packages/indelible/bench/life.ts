import { Completer } from '../src/event/complete.js';
import type { Entry } from '../src/event/entry.js';
import type { Actor } from '../src/event/event.js';
import { IdGenerator, timeOf } from '../src/event/id.js';
import type { LooseInput } from '../src/event/input.js';
import { Redactor } from '../src/event/redaction.js';

const STAFF = 40;
const PATIENTS = 20_000;
const NAMES = [
  'Ada',
  'Ben',
  'Cleo',
  'Dov',
  'Eve',
  'Finn',
  'Gita',
  'Hugo',
  'Ines',
  'Jon',
  'Kira',
  'Liam',
  'Mona',
  'Nils',
  'Olga',
  'Pia',
];
const SURNAMES = [
  'Abel',
  'Brandt',
  'Costa',
  'Dietz',
  'Egger',
  'Falk',
  'Gruber',
  'Holm',
  'Ivers',
  'Jansen',
  'Kraus',
  'Lund',
  'Meyer',
  'Nagy',
];
const ROLES = ['dentist', 'hygienist', 'receptionist', 'owner'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
];
/** Of a hundred events so many are each of these; what happens once in ten thousand is decided apart. */
const MIX: readonly (readonly [number, string])[] = [
  [52, 'READ'],
  [12, 'LIST'],
  [6, 'SEARCH'],
  [16, 'UPDATE'],
  [6, 'CREATE'],
  [1, 'DELETE'],
  [4, 'LOGIN_SUCCESS'],
  [2, 'LOGOUT'],
  [1, 'LOGIN_FAILED'],
];
const MODELS = ['Appointment', 'DentalRecord', 'Patient', 'TreatmentPlan', 'Invoice', 'ProgressNote'];

/** A small, fast random source, so that every run makes the same life. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What one clinic does in a year, event by event, evenly spread up to `until`. */
export class ClinicLife {
  readonly #random: () => number;

  constructor(seed = 7) {
    this.#random = seeded(seed);
  }

  input(): LooseInput {
    const action = this.#action();
    const id = String(1 + Math.floor(this.#random() * PATIENTS));
    const model = this.#pick(MODELS);
    const targetId = model === 'Patient' ? id : String(1 + Math.floor(this.#random() * 400_000));
    const base: LooseInput = {
      action,
      actor: this.#actor(),
      request: this.#request(action, model, targetId),
    };
    if (action.startsWith('LOG')) return { ...base, source: 'auth' };
    if (action === 'LIST' || action === 'SEARCH')
      return { ...base, source: 'read', target: { type: model }, metadata: { returned: 50 } };
    const target = { type: model, id: targetId, label: this.#label(model) };
    return {
      ...base,
      source: action === 'READ' ? 'read' : 'model',
      target,
      subjectId: id,
      subjectLabel: this.#name(),
      ...this.#images(action),
    };
  }

  #action(): string {
    const rare = this.#random();
    if (rare < 0.0001) return 'EXPORT';
    if (rare < 0.0005) return 'ACCESS_DENIED';
    let left = this.#random() * 100;
    return MIX.find(([share]) => (left -= share) < 0)?.[1] ?? 'READ';
  }

  #actor(): Actor {
    const n = Math.floor(this.#random() * STAFF);
    const name = `${NAMES[n % NAMES.length]} ${SURNAMES[n % SURNAMES.length]}`;
    const username = name.toLowerCase().replace(' ', '.');
    return {
      type: 'user',
      id: String(n + 1),
      username,
      email: `${username}@clinic.example`,
      name: `Dr ${name}`,
      role: ROLES[n % ROLES.length],
    };
  }

  #request(action: string, model: string, id: string): LooseInput['request'] {
    const collection = `/api/${model.replaceAll(/(?!^)([A-Z])/g, '-$1').toLowerCase()}s/`;
    const method = { UPDATE: 'PATCH', CREATE: 'POST', DELETE: 'DELETE' }[action] ?? 'GET';
    return {
      id: `req_${Math.floor(this.#random() * 2 ** 40).toString(36)}`,
      method,
      path: action === 'CREATE' || action === 'LIST' ? collection : `${collection}${id}/`,
      route: `${collection}:id/`,
      statusCode: 200,
      durationMs: 3 + Math.floor(this.#random() * 40),
      ip: `10.0.${Math.floor(this.#random() * 4)}.${Math.floor(this.#random() * 200)}`,
      userAgent: this.#pick(AGENTS),
    };
  }

  #images(action: string): Pick<LooseInput, 'before' | 'after'> {
    const row = {
      patient: 42,
      dentist: 3,
      location: 1,
      date: '2026-03-14',
      time: '09:30',
      type: 'check-up',
      notes: this.#label('note'),
    };
    if (action === 'CREATE') return { after: { ...row, status: 'confirmed' } };
    if (action === 'DELETE') return { before: { ...row, status: 'cancelled' } };
    return action === 'UPDATE'
      ? { before: { ...row, status: 'confirmed' }, after: { ...row, status: 'completed' } }
      : {};
  }

  #name(): string {
    return `${this.#pick(NAMES)} ${this.#pick(SURNAMES)}`;
  }

  #label(model: string): string {
    return `${model} of ${this.#name()}, ${1 + Math.floor(this.#random() * 28)} March`;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }
}

export interface Span {
  readonly events: number;
  /** The first and the last moment, in milliseconds. */
  readonly from: number;
  readonly until: number;
}

/** The entries of a life, spread evenly over a span of time. */
export function* entriesOf({ events, from, until }: Span, seed?: number): Generator<Entry> {
  const life = new ClinicLife(seed);
  let now = from;
  const ids = new IdGenerator(() => Math.floor(now));
  const completer = new Completer({
    redactor: new Redactor(),
    limits: { changesBytes: 1024 ** 2, payloadBytes: 64 * 1024 },
    knowsAction: () => true,
    rulesOf: () => ({}),
  });
  for (let i = 0; i < events; i += 1) {
    now = from + ((until - from) * i) / events;
    const id = ids.next();
    const input = life.input();
    const draft = {
      ...input,
      id,
      timestamp: timeOf(id),
      actor: input.actor ?? { type: 'system' as const },
      isWhole: true,
    };
    const entry = completer.complete(draft, () => ({ id: '5eed5eed5eed5eed', n: i + 1 }));
    if (entry) yield entry;
  }
}

export function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
