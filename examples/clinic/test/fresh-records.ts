import type { Flag } from '../src/database/tables.js';
import { NO_PASSWORD } from '../src/sign-in/password.js';
import { type Role, userTypeOf } from '../src/users/user.js';
import type { Client } from './client.js';
import type { RunningClinic } from './running-clinic.js';
import { type Care, type Making, NEW, uploadPath } from './samples.js';

let made = 0;

/** Makes a record for whatever a path is about, in the state in which it can be done. */
export class FreshRecords implements Making {
  readonly care: Care;
  readonly #clinic: RunningClinic;
  readonly #owner: Client;

  static async in(clinic: RunningClinic): Promise<FreshRecords> {
    const patient = Number((await clinic.as('patient')).id);
    const dentist = Number((await clinic.as('dentist')).id);
    return new FreshRecords(clinic, await clinic.as('owner'), { patient, dentist });
  }

  private constructor(clinic: RunningClinic, owner: Client, care: Care) {
    this.#clinic = clinic;
    this.#owner = owner;
    this.care = care;
  }

  async idFor(path: string): Promise<string> {
    const resource = path.split('/')[2] ?? '';
    if (resource === 'users') return String(await this.#user('patient', path.endsWith('/activate') ? 0 : 1));
    if (resource === 'audit') return String((await this.#clinic.clinic.audit.find()).events[0]?.id);
    if (resource === 'invoices') return String(await this.#invoice(path));
    return String(await this.make(resource));
  }

  async make(resource: string, fields: object = {}): Promise<number> {
    if (resource === 'documents') return this.#post(uploadPath(this.care.patient), '{"a":"picture"}');
    const sample = NEW[resource];
    if (sample === undefined) throw new Error(`No test knows how to make one of ${resource}`);
    const record = { ...(await sample(this.care, this)), ...fields };
    return this.#post(`/api/${resource}/`, JSON.stringify(record));
  }

  appointment(): Promise<number> {
    return this.make('appointments');
  }

  sentInvoice(): Promise<number> {
    return this.make('invoices', { status: 'sent' });
  }

  practitioner(): Promise<number> {
    return this.#user('dentist', 1);
  }

  async #invoice(path: string): Promise<number> {
    if (!/\/(pay|refund)$/.test(path)) return this.make('invoices');
    const id = await this.sentInvoice();
    if (path.endsWith('/refund'))
      await this.#owner.post(`/api/invoices/${id}/pay/`, { amount: 8_000, method: 'card' });
    return id;
  }

  async #user(role: Role, is_active: Flag): Promise<number> {
    made += 1;
    const username = `fresh${made}`;
    const account = {
      username,
      email: `${username}@clinic.example`,
      user_type: userTypeOf(role),
      role,
      is_active,
    };
    const row = { ...account, first_name: 'Fresh', last_name: 'Person', password_hash: NO_PASSWORD };
    const inserted = this.#clinic.clinic.db.insertInto('users').values(row).returning('id');
    return (await inserted.executeTakeFirstOrThrow()).id;
  }

  async #post(path: string, text: string): Promise<number> {
    const { status, body } = await this.#owner.send('POST', path, text);
    if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return Number(body['id']);
  }
}
