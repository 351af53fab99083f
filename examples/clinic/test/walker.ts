import type { AuditEvent } from 'indelible';

import { passwordOf } from '../src/made-up-life/people.js';
import type { Client } from './client.js';
import { FreshRecords } from './fresh-records.js';
import type { RunningClinic } from './running-clinic.js';
import { CHANGE, NEW, uploadPath } from './samples.js';

/** One request of the walk, and what the trail tells of it. */
export interface Visit {
  readonly by: string;
  readonly route: string;
  readonly status: number;
  readonly events: readonly AuditEvent[];
}

type Bodies = Readonly<Record<string, () => object | Promise<object>>>;

/** Who has not signed in. */
export const NOBODY = 'nobody';
/** The one whose body is a file. */
const UPLOAD = 'POST /api/documents';
/** Routes that are asked for by their path alone. */
const BARE =
  /^(GET|DELETE) |^POST \/api\/(logout|token\/refresh|(users|appointments)\/:id\/(activate|deactivate|verify_email|complete))$/;

/** Asks for routes in anybody's name: each time in a session of its own, for a record of its own. */
export class Walker {
  readonly #clinic: RunningClinic;
  readonly #records: FreshRecords;
  readonly #bodies: Bodies;
  readonly #asked: (Omit<Visit, 'events'> & { readonly requestId: string | null })[] = [];

  static async in(clinic: RunningClinic): Promise<Walker> {
    return new Walker(clinic, await FreshRecords.in(clinic));
  }

  private constructor(clinic: RunningClinic, records: FreshRecords) {
    this.#clinic = clinic;
    this.#records = records;
    this.#bodies = bodiesFor(records);
  }

  async ask(by: string, method: string, path: string): Promise<void> {
    const route = `${method} ${path}`;
    const body = this.#bodies[route];
    if (body === undefined && !BARE.test(route)) throw new Error(`No test knows what to send to ${route}`);
    const id = path.includes(':id') ? await this.#records.idFor(path) : '';
    const text = body && JSON.stringify(await body());
    const client = await this.#clientOf(by);
    const { status, headers } = await client.send(method, this.#address(route, path, id), text);
    this.#asked.push({ by, route, status, requestId: headers.get('x-request-id') });
  }

  async visits(): Promise<Visit[]> {
    const events = await this.#clinic.events();
    return this.#asked.map(({ requestId, ...visit }) => {
      return { ...visit, events: events.filter(({ request }) => request?.id === requestId) };
    });
  }

  #address(route: string, path: string, id: string): string {
    return route === UPLOAD ? uploadPath(this.#records.care.patient) : `${path.replace(':id', id)}/`;
  }

  async #clientOf(name: string): Promise<Client> {
    if (name === NOBODY) return this.#clinic.anybody;
    return this.#clinic.signedIn(Number((await this.#clinic.as(name)).id));
  }
}

/** A body for every route that takes one. */
function bodiesFor(records: FreshRecords): Bodies {
  const { care } = records;
  const bodies: Record<string, () => object | Promise<object>> = {};
  for (const [resource, sample] of Object.entries(NEW)) {
    bodies[`POST /api/${resource}`] = () => sample(care, records);
    bodies[`PUT /api/${resource}/:id`] = () => replacement(resource, records);
  }
  for (const [resource, change] of Object.entries(CHANGE))
    bodies[`PATCH /api/${resource}/:id`] = () => change(care, records);
  return {
    ...bodies,
    'POST /api/login': () => ({ username: 'molar', password: passwordOf('molar') }),
    'POST /api/register': () => NEW['users']?.(care, records) ?? {},
    [UPLOAD]: () => ({ a: 'picture' }),
    'PUT /api/documents/:id': () => ({ document_type: 'letter', filename: 'letter.txt' }),
    'POST /api/users/:id/change_role': () => ({ role: 'hygienist', reason: 'hired' }),
    'POST /api/users/:id/change_password': () => ({ new_password: 'another-long-one' }),
    'POST /api/users/:id/export_records': () => ({ reason: 'moves away' }),
    'POST /api/appointments/:id/cancel': () => ({ reason: 'ill' }),
    'POST /api/appointments/:id/reschedule': () => ({ date: '2030-05-08', time: '11:00' }),
    'POST /api/invoices/:id/pay': () => ({ amount: 8_000, method: 'cash' }),
    'POST /api/invoices/:id/refund': () => ({ amount: 8_000, reason: 'came out' }),
  };
}

/** The whole of a record, and something else in it; what cannot be changed left out. */
async function replacement(resource: string, records: FreshRecords): Promise<object> {
  const whole = { ...(await NEW[resource]?.(records.care, records)) } as Record<string, unknown>;
  for (const fixed of FIXED[resource] ?? []) delete whole[fixed];
  const changed = { ...whole, ...(await CHANGE[resource]?.(records.care, records)) };
  return resource === 'appointments' ? { ...changed, status: 'no_show' } : changed;
}

const FIXED: Readonly<Record<string, readonly string[]>> = {
  users: ['password'],
  'dental-records': ['patient'],
  'treatment-plans': ['patient'],
  'intake-forms': ['patient'],
  'progress-notes': ['patient'],
  billing: ['patient'],
  invoices: ['appointment'],
  claims: ['patient', 'invoice'],
  profiles: ['user'],
  settings: ['key'],
};
