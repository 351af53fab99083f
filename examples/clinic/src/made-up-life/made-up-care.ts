import { Readable } from 'node:stream';

import type { Appointment } from '../appointments/appointment.js';
import type { Clinic } from '../clinic.js';
import { METHODS } from '../invoices/invoice.js';
import type { Cast } from './cast.js';
import { bill } from './made-up-practice.js';
import type { Random } from './random.js';

const FINDINGS = [
  ['Caries', 'Composite filling'],
  ['Tartar', 'Scaling and polishing'],
  ['Worn crown', 'Impression taken'],
  ['Nothing found', 'None needed'],
] as const;
const PLANS = [
  ['A new crown', ['Preparation', 'Temporary crown', 'Crown']],
  ['Two fillings', ['Filling', 'Filling']],
  ['A clean start', ['Scaling', 'Fluoride']],
] as const;
const PROGRESS = ['Heals well.', 'Less swollen than last week.', 'Asked to come again.', 'No pain any more.'];
const INSURERS = ['Imaginary Mutual', 'Nowhere Health', 'Elsewhere Life'];
const TEETH = [16, 26, 36, 46, 14, 24, null];
const PRICES = [4_500, 8_000, 12_500, 39_000];

/** What is written, planned, kept and charged after the appointments of a made-up life. */
export class MadeUpCare {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  readonly #random: Random;
  readonly #known: Set<number>;

  constructor(clinic: Clinic, cast: Cast, random: Random, known: Set<number>) {
    this.#clinic = clinic;
    this.#cast = cast;
    this.#random = random;
    this.#known = known;
  }

  async lookAfter(visit: Appointment): Promise<void> {
    const moment = `${visit.date}T${visit.time}:00.000Z`;
    if (!this.#known.has(visit.patient)) await this.#takeIn(visit.patient, moment);
    await this.#write(visit, moment);
    if (this.#random.chance(0.15)) await this.#plan(visit, moment);
    if (this.#random.chance(0.1)) await this.#keep(visit);
    if (this.#random.chance(0.25)) await bill(this.#clinic, this.#cast, this.#random, visit, moment);
    else await this.#charge(visit, moment);
  }

  /** What patients say of themselves when they come for the first time. */
  async #takeIn(patient: number, signed_at: string): Promise<void> {
    this.#known.add(patient);
    const reception = this.#cast.person('reception');
    const allergies = this.#random.pick(['', '', 'Penicillin', 'Latex']);
    const form = { patient, allergies, medications: '', conditions: '', emergency_contact: 'Next of kin' };
    await this.#cast.as(reception, () =>
      this.#clinic.intakeForms.create(reception, { ...form, signed_at, created_at: signed_at }),
    );
  }

  async #write({ id: appointment, patient }: Appointment, created_at: string): Promise<void> {
    const { dentalRecords, progressNotes } = this.#clinic;
    const dentist = this.#cast.person('dentist');
    const [diagnosis, treatment] = this.#random.pick(FINDINGS);
    const record = { patient, dentist: dentist.id, diagnosis, treatment, notes: '', created_at };
    const isSeenAgain = this.#random.chance(0.2);
    const text = this.#random.pick(PROGRESS);
    await this.#cast.as(dentist, async () => {
      const { id } = await dentalRecords.create(dentist, record);
      if (isSeenAgain)
        await dentalRecords.update(dentist, id, () => ({ notes: 'Looked at again: all well.' }));
      else
        await progressNotes.create(dentist, { patient, author: dentist.id, appointment, text, created_at });
    });
  }

  async #plan({ patient }: Appointment, created_at: string): Promise<void> {
    const { treatmentPlans } = this.#clinic;
    const dentist = this.#cast.person('molar');
    const [title, services] = this.#random.pick(PLANS);
    const items = services.map((service) => ({
      service,
      tooth: this.#random.pick(TEETH),
      price: this.#random.pick(PRICES),
      status: 'planned' as const,
    }));
    const plan = { patient, dentist: dentist.id, title, status: 'proposed', items, created_at } as const;
    const status = this.#random.pick(['proposed', 'accepted', 'declined', 'completed'] as const);
    await this.#cast.as(dentist, async () => {
      const { id } = await treatmentPlans.create(dentist, plan);
      if (status !== 'proposed') await treatmentPlans.update(dentist, id, () => ({ status }));
    });
  }

  /** A picture that shows nothing. */
  async #keep({ patient, date }: Appointment): Promise<void> {
    const dentist = this.#cast.person('dentist');
    const named = { document_type: 'x-ray', filename: `x-ray-${date}.txt`, content_type: 'text/plain' };
    const content = Readable.from([Buffer.from(`An X-ray of ${date} that was never taken.\n`)]);
    await this.#cast.as(dentist, () =>
      this.#clinic.documents.upload(dentist, { patient, ...named }, content),
    );
  }

  async #charge({ id: appointment, patient, date }: Appointment, created_at: string): Promise<void> {
    const { invoices, claims } = this.#clinic;
    const reception = this.#cast.person('reception');
    const amount = this.#random.pick(PRICES);
    const method = this.#random.pick(METHODS);
    const insurer = this.#random.pick(INSURERS);
    const fate = this.#random.whole(1, 10);
    await this.#cast.as(reception, async () => {
      const { id } = await invoices.create(reception, {
        appointment,
        amount,
        due_date: date,
        status: 'draft',
        created_at,
      });
      if (fate === 1) return;
      await invoices.update(reception, id, () => ({ status: 'sent' }));
      if (fate === 2) await invoices.update(reception, id, () => ({ status: 'void' }));
      if (fate === 3)
        await claims.create(reception, { patient, invoice: id, insurer, amount, status: 'submitted' });
      if (fate >= 5) await invoices.pay(reception, id, { amount, method });
      if (fate === 10) await invoices.refund(reception, id, { amount, reason: 'the filling came out again' });
    });
  }
}
