import { and, desc, eq } from 'drizzle-orm';

import type { About } from '../audit.js';
import { countOf, type Rows, type Slice } from '../database/rows.js';
import { now } from '../database/times.js';
import type { ClinicParts } from '../parts.js';
import { demand, there } from '../problem.js';
import { mayReadClinical, mayTreat } from '../users/rights.js';
import type { User } from '../users/user.js';
import type { NewTreatmentPlan, TreatmentPlanChanges, TreatmentPlanFilter } from './input.js';
import { PlanItems } from './items.js';
import { planLabel, type PlanWithItems, type TreatmentPlan, treatmentPlans } from './treatment-plan.js';

const SETTLED = { completed: 'done', declined: 'dropped' } as const;

/** What is meant to be done, and for how much: a plan and its items are saved together. */
export class TreatmentPlans {
  readonly #parts: ClinicParts;
  readonly #items: PlanItems;

  constructor(parts: ClinicParts) {
    this.#parts = parts;
    this.#items = new PlanItems(parts.db);
  }

  list(by: User, { patient: asked, status }: TreatmentPlanFilter, slice: Slice): Rows<PlanWithItems> {
    const { db } = this.#parts;
    const patient = by.user_type === 'patient' ? by.id : undefined;
    demand(mayReadClinical(by, patient));
    const where = and(
      patient === undefined ? undefined : eq(treatmentPlans.patient, patient),
      asked === undefined ? undefined : eq(treatmentPlans.patient, asked),
      status === undefined ? undefined : eq(treatmentPlans.status, status),
    );
    const query = db.select().from(treatmentPlans).where(where).orderBy(desc(treatmentPlans.id));
    const plans = query.limit(slice.limit).offset(slice.offset).all();
    return { rows: this.#withItems(plans), count: countOf(db, treatmentPlans, where) };
  }

  read(by: User, id: number): PlanWithItems {
    const plan = this.#need(id);
    demand(mayReadClinical(by, plan.patient), { attempted: 'READ', ...this.#about(plan) });
    return this.#whole(plan);
  }

  propose(by: User, { items, ...plan }: NewTreatmentPlan): PlanWithItems {
    const { db, directory } = this.#parts;
    const target = { type: 'TreatmentPlan' } as const;
    demand(mayTreat(by), { attempted: 'CREATE', target, ...directory.subject(plan.patient) });
    directory.checkPatient(plan.patient);
    directory.checkPractitioner(plan.dentist);
    return db.transaction(() => {
      const saved = db.insert(treatmentPlans).values(plan).returning().get();
      this.#items.add(saved.id, items);
      return this.#whole(saved);
    });
  }

  /** A plan that is completed or declined has nothing planned any more. */
  update(by: User, id: number, { items, ...changes }: TreatmentPlanChanges): PlanWithItems {
    const { db, directory } = this.#parts;
    this.#writable(by, id, 'UPDATE');
    directory.checkPractitioner(changes.dentist);
    return db.transaction(() => {
      const set = { ...changes, updated_at: now() };
      const saved = db.update(treatmentPlans).set(set).where(eq(treatmentPlans.id, id)).returning().get();
      if (items) this.#items.replace(id, items);
      if (changes.status === 'completed' || changes.status === 'declined')
        this.#items.settle(id, SETTLED[changes.status]);
      return this.#whole(there(saved, 'treatment plan', id));
    });
  }

  /** Its items go with it. */
  remove(by: User, id: number): void {
    this.#writable(by, id, 'DELETE');
    this.#parts.db.delete(treatmentPlans).where(eq(treatmentPlans.id, id)).run();
  }

  #need(id: number): TreatmentPlan {
    const found = this.#parts.db.select().from(treatmentPlans).where(eq(treatmentPlans.id, id)).get();
    return there(found, 'treatment plan', id);
  }

  #whole(plan: TreatmentPlan): PlanWithItems {
    return { ...plan, items: this.#items.of([plan.id]) };
  }

  #withItems(plans: readonly TreatmentPlan[]): PlanWithItems[] {
    const items = this.#items.of(plans.map(({ id }) => id));
    return plans.map((plan) => ({ ...plan, items: items.filter((item) => item.plan === plan.id) }));
  }

  #writable(by: User, id: number, attempted: string): void {
    demand(mayTreat(by), { attempted, ...this.#about(this.#need(id)) });
  }

  #about(plan: TreatmentPlan): About {
    const target = { type: 'TreatmentPlan', id: String(plan.id), label: planLabel(plan) } as const;
    return { target, ...this.#parts.directory.subject(plan.patient) };
  }
}
