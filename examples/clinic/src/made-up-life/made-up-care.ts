import type { Appointment } from '../appointments/appointment.js';
import type { Clinic } from '../clinic.js';
import { METHODS } from '../invoices/invoice.js';
import type { Cast } from './cast.js';
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
const TEETH = [16, 26, 36, 46, 14, 24, null];
const PRICES = [4_500, 8_000, 12_500, 39_000];

/** What is written, planned and charged after the appointments of a made-up life. */
export class MadeUpCare {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  readonly #random: Random;

  constructor(clinic: Clinic, cast: Cast, random: Random) {
    this.#clinic = clinic;
    this.#cast = cast;
    this.#random = random;
  }

  lookAfter(treated: readonly Appointment[]): void {
    for (const appointment of treated) {
      this.#write(appointment);
      if (this.#random.chance(0.4)) this.#plan(appointment);
      this.#charge(appointment);
    }
  }

  #write({ patient }: Appointment): void {
    const { dentalRecords } = this.#clinic;
    const dentist = this.#cast.person('dentist');
    const [diagnosis, treatment] = this.#random.pick(FINDINGS);
    const record = { patient, dentist: dentist.id, diagnosis, treatment, notes: '' };
    this.#cast.as(dentist, () => {
      const { id } = dentalRecords.write(dentist, record);
      if (this.#random.chance(0.2))
        dentalRecords.update(dentist, id, { notes: 'Looked at again: all well.' });
    });
  }

  #plan({ patient }: Appointment): void {
    const { treatmentPlans } = this.#clinic;
    const dentist = this.#cast.person('molar');
    const [title, services] = this.#random.pick(PLANS);
    const items = services.map((service) => ({
      service,
      tooth: this.#random.pick(TEETH),
      price: this.#random.pick(PRICES),
      status: 'planned' as const,
    }));
    const plan = { patient, dentist: dentist.id, title, status: 'proposed', items } as const;
    const status = this.#random.pick(['proposed', 'accepted', 'declined', 'completed'] as const);
    this.#cast.as(dentist, () => {
      const { id } = treatmentPlans.propose(dentist, plan);
      if (status !== 'proposed') treatmentPlans.update(dentist, id, { status });
    });
  }

  #charge({ id: appointment, date }: Appointment): void {
    const { invoices } = this.#clinic;
    const reception = this.#cast.person('reception');
    const amount = this.#random.pick(PRICES);
    const method = this.#random.pick(METHODS);
    const fate = this.#random.whole(1, 10);
    this.#cast.as(reception, () => {
      const { id } = invoices.draw(reception, { appointment, amount, due_date: date, status: 'draft' });
      if (fate === 1) return;
      invoices.update(reception, id, { status: 'sent' });
      if (fate === 2) invoices.update(reception, id, { status: 'void' });
      if (fate >= 5) invoices.pay(reception, id, { amount, method });
      if (fate === 10) invoices.refund(reception, id, { amount, reason: 'the filling came out again' });
    });
  }
}
