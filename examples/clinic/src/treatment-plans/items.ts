import { and, eq, inArray, notInArray } from 'drizzle-orm';

import type { ClinicDatabase } from '../database/clinic-database.js';
import { now } from '../database/times.js';
import { invalid } from '../problem.js';
import type { Item } from './input.js';
import { type TreatmentPlanItem, treatmentPlanItems as items } from './treatment-plan.js';

/** What the plans consist of. Works in whatever transaction is open. */
export class PlanItems {
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase) {
    this.#db = db;
  }

  of(plans: readonly number[]): TreatmentPlanItem[] {
    const theirs = inArray(items.plan, [...plans]);
    return this.#db.select().from(items).where(theirs).orderBy(items.id).all();
  }

  add(plan: number, added: readonly Item[]): void {
    if (added.length === 0) return;
    const rows = added.map((item) => ({ ...item, plan }));
    this.#db.insert(items).values(rows).run();
  }

  /** Afterwards the plan has exactly these: what is kept is saved, what is new added, the rest removed. */
  replace(plan: number, wanted: readonly Item[]): void {
    const kept = wanted.flatMap(({ id }) => (id === undefined ? [] : [id]));
    this.#checkOwn(plan, kept);
    this.#db
      .delete(items)
      .where(and(eq(items.plan, plan), notInArray(items.id, kept)))
      .run();
    for (const { id, ...item } of wanted) {
      if (id === undefined) continue;
      const set = { ...item, updated_at: now() };
      this.#db.update(items).set(set).where(eq(items.id, id)).run();
    }
    this.add(
      plan,
      wanted.filter(({ id }) => id === undefined),
    );
  }

  /** Whatever was still planned becomes done, or is dropped. */
  settle(plan: number, status: 'done' | 'dropped'): void {
    const planned = and(eq(items.plan, plan), eq(items.status, 'planned'));
    this.#db.update(items).set({ status, updated_at: now() }).where(planned).run();
  }

  #checkOwn(plan: number, kept: readonly number[]): void {
    const own = new Set(this.of([plan]).map(({ id }) => id));
    if (new Set(kept).size < kept.length || !kept.every((id) => own.has(id)))
      throw invalid('items', 'must have ids of this plan only, each of them once');
  }
}
