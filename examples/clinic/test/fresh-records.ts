import { join } from 'node:path';

import Database from 'better-sqlite3';

import type { Client } from './client.js';
import type { RunningClinic } from './running-clinic.js';

const INSERT_PATIENT = `INSERT INTO users (username, email, first_name, last_name, user_type, role, is_active, password_hash)
  SELECT 'fresh' || max(id), 'fresh' || max(id) || '@clinic.example', 'Fresh', 'Patient', 'patient', 'patient', ?, 'none'
  FROM users RETURNING id`;
const VISIT = { date: '2030-05-06', time: '09:30', type: 'Check-up' };

/** Makes a record for whatever a path is about, in the state in which it can be done. */
export class FreshRecords {
  readonly #clinic: RunningClinic;
  readonly #owner: Client;
  readonly #care: object;

  /** All but accounts are of one patient, treated by one dentist. */
  constructor(clinic: RunningClinic, owner: Client, care: object) {
    this.#clinic = clinic;
    this.#owner = owner;
    this.#care = care;
  }

  async idFor(path: string): Promise<string> {
    const [, , resource] = path.split('/');
    switch (resource) {
      case 'users':
        return this.#user(path);
      case 'appointments':
        return this.#make(resource, VISIT);
      case 'dental-records':
        return this.#make(resource, { diagnosis: 'Caries', treatment: 'Filling' });
      case 'treatment-plans':
        return this.#make(resource, { title: 'A plan' });
      case 'invoices':
        return this.#invoice(path);
      case 'audit':
        return String((await this.#clinic.clinic.audit.find()).events[0]?.id);
      default:
        throw new Error(`No test knows how to make a record for ${path}`);
    }
  }

  #user(path: string): string {
    const db = new Database(join(this.#clinic.dataDir, 'clinic.db'));
    const isActive = path.endsWith('/activate') ? 0 : 1;
    const id = db.prepare(INSERT_PATIENT).pluck().get(isActive) as number;
    db.close();
    return String(id);
  }

  async #invoice(path: string): Promise<string> {
    const appointment = Number(await this.idFor('/api/appointments'));
    const status = /\/(pay|refund)$/.test(path) ? 'sent' : 'draft';
    const invoice = { appointment, amount: 8_000, due_date: '2030-06-01', status };
    const id = await this.#post('invoices', invoice);
    if (path.endsWith('/refund'))
      await this.#owner.post(`/api/invoices/${id}/pay/`, { amount: 8_000, method: 'card' });
    return id;
  }

  #make(resource: string, record: object): Promise<string> {
    return this.#post(resource, { ...this.#care, ...record });
  }

  async #post(resource: string, record: object): Promise<string> {
    const { status, body } = await this.#owner.post(`/api/${resource}/`, record);
    if (status !== 201) throw new Error(`${resource}: ${JSON.stringify(body)}`);
    return String(body['id']);
  }
}
