import type { AuditEvent } from 'indelible';

import { passwordOf } from '../src/made-up-life/people.js';
import { Client } from './client.js';
import { FreshRecords } from './fresh-records.js';
import type { RunningClinic } from './running-clinic.js';

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
    const owner = await clinic.as('owner');
    const care = { patient: (await clinic.as('patient')).id, dentist: (await clinic.as('dentist')).id };
    return new Walker(clinic, new FreshRecords(clinic, owner, care), care);
  }

  private constructor(clinic: RunningClinic, records: FreshRecords, care: object) {
    this.#clinic = clinic;
    this.#records = records;
    this.#bodies = bodiesFor(records, care);
  }

  async ask(by: string, method: string, path: string): Promise<void> {
    const route = `${method} ${path}`;
    const body = this.#bodies[route];
    if (body === undefined && !BARE.test(route)) throw new Error(`No test knows what to send to ${route}`);
    const id = path.includes(':id') ? await this.#records.idFor(path) : '';
    const text = body && JSON.stringify(await body());
    const client = await this.#clientOf(by);
    const { status, headers } = await client.send(method, `${path.replace(':id', id)}/`, text);
    this.#asked.push({ by, route, status, requestId: headers.get('x-request-id') });
  }

  async visits(): Promise<Visit[]> {
    const events = await this.#clinic.events();
    return this.#asked.map(({ requestId, ...visit }) => {
      return { ...visit, events: events.filter(({ request }) => request?.id === requestId) };
    });
  }

  async #clientOf(name: string): Promise<Client> {
    if (name === NOBODY) return this.#clinic.anybody;
    const { url, id } = await this.#clinic.as(name);
    return new Client(url, this.#clinic.clinic.sessions.open(Number(id)).token, id);
  }
}

/** A body for every route that takes one. */
function bodiesFor(records: FreshRecords, care: object): Bodies {
  const visit = { ...care, date: '2030-05-07', time: '10:00', type: 'Cleaning' };
  const names = { first_name: 'Wal', last_name: 'Ker' };
  let made = 0;
  const person = (): object => {
    made += 1;
    return { username: `walker${made}`, email: `walker${made}@clinic.example`, ...names };
  };
  const account = (): object => ({ ...person(), password: 'long-enough-for-all' });
  const invoice = async (): Promise<object> => {
    const appointment = Number(await records.idFor('/api/appointments'));
    return { appointment, amount: 4_500, due_date: '2030-06-01' };
  };
  return {
    'POST /api/login': () => ({ username: 'molar', password: passwordOf('molar') }),
    'POST /api/register': account,
    'POST /api/users': account,
    'PATCH /api/users/:id': person,
    'PUT /api/users/:id': person,
    'POST /api/users/:id/change_role': () => ({ role: 'hygienist', reason: 'hired' }),
    'POST /api/users/:id/change_password': () => ({ new_password: 'another-long-one' }),
    'POST /api/users/:id/export_records': () => ({ reason: 'moves away' }),
    'POST /api/appointments': () => visit,
    'PATCH /api/appointments/:id': () => ({ notes: 'Likes jazz.' }),
    'PUT /api/appointments/:id': () => ({ ...visit, status: 'no_show' }),
    'POST /api/appointments/:id/cancel': () => ({ reason: 'ill' }),
    'POST /api/appointments/:id/reschedule': () => ({ date: '2030-05-08', time: '11:00' }),
    'POST /api/dental-records': () => ({ ...care, diagnosis: 'Tartar', treatment: 'Scaling' }),
    'PATCH /api/dental-records/:id': () => ({ notes: 'All well.' }),
    'POST /api/treatment-plans': () => ({ ...care, title: 'A clean start' }),
    'PATCH /api/treatment-plans/:id': () => ({ status: 'accepted' }),
    'POST /api/invoices': invoice,
    'PATCH /api/invoices/:id': () => ({ status: 'sent' }),
    'POST /api/invoices/:id/pay': () => ({ amount: 8_000, method: 'cash' }),
    'POST /api/invoices/:id/refund': () => ({ amount: 8_000, reason: 'came out' }),
  };
}
