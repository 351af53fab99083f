import { type Db, now } from '../database/clinic-database.js';
import { invalid } from '../problem.js';
import type { Item } from './input.js';
import type { TreatmentPlanItem } from './treatment-plan.js';

const ITEMS = 'treatment_plan_items';

/** What plans consist of, in their order. */
export async function itemsOf(db: Db, plans: readonly number[]): Promise<TreatmentPlanItem[]> {
  if (plans.length === 0) return [];
  return db.selectFrom(ITEMS).selectAll().where('plan', 'in', plans).orderBy('id').execute();
}

export async function addItems(db: Db, plan: number, added: readonly Item[]): Promise<void> {
  if (added.length === 0) return;
  const rows = added.map(({ id: _id, ...item }) => ({ ...item, plan }));
  await db.insertInto(ITEMS).values(rows).execute();
}

/** Afterwards the plan has exactly these: what is kept is saved, what is new added, the rest removed. */
export async function replaceItems(db: Db, plan: number, wanted: readonly Item[]): Promise<void> {
  const kept = wanted.flatMap(({ id }) => (id === undefined ? [] : [id]));
  await checkOwn(db, plan, kept);
  const gone = db.deleteFrom(ITEMS).where('plan', '=', plan);
  await (kept.length === 0 ? gone : gone.where('id', 'not in', kept)).execute();
  for (const { id, ...item } of wanted) {
    if (id === undefined) continue;
    const set = { ...item, updated_at: now() };
    await db.updateTable(ITEMS).set(set).where('id', '=', id).execute();
  }
  const fresh = wanted.filter(({ id }) => id === undefined);
  await addItems(db, plan, fresh);
}

/** Whatever was still planned becomes done, or is dropped. */
export async function settleItems(db: Db, plan: number, status: 'done' | 'dropped'): Promise<void> {
  const settled = db.updateTable(ITEMS).set({ status, updated_at: now() });
  await settled.where('plan', '=', plan).where('status', '=', 'planned').execute();
}

async function checkOwn(db: Db, plan: number, kept: readonly number[]): Promise<void> {
  const own = new Set((await itemsOf(db, [plan])).map(({ id }) => id));
  if (new Set(kept).size < kept.length || !kept.every((id) => own.has(id)))
    throw invalid('items', 'must have ids of this plan only, each of them once');
}
