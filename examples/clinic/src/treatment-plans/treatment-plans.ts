import type { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { CLINICAL } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';
import type { User } from '../users/user.js';
import { filter, FIXED, inputs, type NewTreatmentPlan, type TreatmentPlanChanges } from './input.js';
import { addItems, itemsOf, replaceItems, settleItems } from './items.js';
import { itemAnswer, planLabel, type PlanWithItems, type TreatmentPlan } from './treatment-plan.js';

const SETTLED = { completed: 'done', declined: 'dropped' } as const;

/** What is meant to be done, and for how much: a plan and its items are saved together. */
export class TreatmentPlans extends Collection<'treatment_plans', PlanWithItems> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'treatment_plans',
      model: 'TreatmentPlan',
      name: 'treatment plan',
      rights: CLINICAL,
      own: 'patient',
      fixed: FIXED,
      label: planLabel,
      shown: ['id', 'patient', 'dentist', 'title', 'status'],
    });
  }

  override async create(by: User, { items, ...plan }: NewTreatmentPlan): Promise<PlanWithItems> {
    await this.mayCreate(by, plan);
    await this.check(this.parts.db, plan);
    return this.parts.db.transaction().execute(async (db) => {
      const saved = await this.records.insert(db, plan);
      await addItems(db, saved.id, items);
      return this.one(db, saved);
    });
  }

  /** A plan that is completed or declined has nothing planned any more. */
  override async update(by: User, id: number, ask: () => TreatmentPlanChanges): Promise<PlanWithItems> {
    return this.parts.db.transaction().execute(async (db) => {
      const row = await this.allowed(db, by, id, 'update', 'UPDATE');
      const { items, ...given } = ask();
      const changes = this.changing(await this.one(db, row), given);
      await this.check(db, changes);
      const saved = await this.save(db, id, changes);
      if (items) await replaceItems(db, id, items);
      if (changes.status === 'completed' || changes.status === 'declined')
        await settleItems(db, id, SETTLED[changes.status]);
      return this.one(db, saved);
    });
  }

  override answer(plan: PlanWithItems): object {
    return { ...super.answer(plan), items: plan.items.map(itemAnswer) };
  }

  protected override async whole(db: Db, plans: readonly TreatmentPlan[]): Promise<PlanWithItems[]> {
    const ids = plans.map(({ id }) => id);
    const items = await itemsOf(db, ids);
    return plans.map((plan) => ({ ...plan, items: items.filter((item) => item.plan === plan.id) }));
  }

  protected override async check(db: Db, { patient, dentist }: Some<TreatmentPlan>): Promise<void> {
    await this.parts.directory.checkPatient(patient, db);
    await this.parts.directory.checkPractitioner(dentist, 'dentist', db);
  }
}

export function treatmentPlanRoutes(audit: ClinicAudit, plans: TreatmentPlans): Router {
  return collectionRoutes(audit, 'treatment-plans', plans, { inputs, filter });
}
