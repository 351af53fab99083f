import { CompiledQuery, type Kysely, sql } from 'kysely';

import type { ClinicActions } from '../../../src/testing/capture/clinic-orm.js';
import type { ClinicDb, Values } from './clinic-db.js';
import { relationActions } from './relation-actions.js';

type Own = Omit<
  ClinicActions,
  | 'createPlanWithItems'
  | 'createAppointmentWithInvoices'
  | 'connectService'
  | 'disconnectService'
  | 'setInvoices'
>;

/** What can be done by a connection or a transaction of Kysely's. */
export function actionsBy(db: Kysely<ClinicDb>, values: Values): Own {
  return {
    ...creating(db, values),
    ...updating(db, values),
    ...upserting(db),
    ...relationActions(db),
    ...recording(db, values),
    ...asking(db),
  };
}

function creating(
  db: Kysely<ClinicDb>,
  values: Values,
): Pick<Own, 'createUser' | 'createAppointment' | 'createAppointments' | 'createAppointmentsReturning'> {
  return {
    createUser: (user) => db.insertInto('user').values(values.user(user)).executeTakeFirst(),
    createAppointment: (row) =>
      db.insertInto('appointment').values(values.appointment(row)).returningAll().executeTakeFirst(),
    createAppointments: (rows) =>
      db
        .insertInto('appointment')
        .values(rows.map((row) => values.appointment(row)))
        .execute(),
    createAppointmentsReturning: (rows) =>
      db
        .insertInto('appointment')
        .values(rows.map((row) => values.appointment(row)))
        .returning(['id', 'status as state', 'price'])
        .execute(),
  };
}

type Updating =
  | 'updateAppointment'
  | 'saveAppointment'
  | 'touchAppointment'
  | 'updateAppointmentsWhere'
  | 'updateAppointmentsReturning'
  | 'incrementVisits'
  | 'multiplyServicePrices'
  | 'repriceFromServices';

function updating(db: Kysely<ClinicDb>, values: Values): Pick<Own, Updating> {
  return {
    updateAppointment: (id, change) =>
      db.updateTable('appointment').set(values.change(change)).where('id', '=', id).executeTakeFirst(),
    async saveAppointment(id, change) {
      const { preferences, units, starts_at, day, price, ...rest } = await db
        .selectFrom('appointment')
        .select((eb) => [
          eb.cast<string>('units', 'text').as('units'),
          eb.cast<string>('day', 'text').as('day'),
        ])
        .select([
          'status',
          'price',
          'starts_at',
          'preferences',
          'score',
          'notes',
          'service_id',
          'location_id',
        ])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const loaded = {
        ...rest,
        day,
        starts_at,
        units: BigInt(units),
        price: String(price),
        preferences: typeof preferences === 'string' ? preferences : JSON.stringify(preferences),
      };
      return db
        .updateTable('appointment')
        .set({ ...loaded, ...values.change(change) })
        .where('id', '=', id)
        .returning(['id', 'status'])
        .execute();
    },
    touchAppointment: (id) =>
      db.updateTable('appointment').set({ updated_at: values.now() }).where('id', '=', id).execute(),
    updateAppointmentsWhere: (status, change) =>
      db
        .updateTable('appointment')
        .set(values.change(change))
        .where('status', '=', status)
        .executeTakeFirst(),
    updateAppointmentsReturning: (status, change) =>
      db
        .updateTable('appointment as a')
        .set(values.change(change))
        .where('a.status', '=', status)
        .returning(['id', 'status', 'notes'])
        .execute(),
    incrementVisits: (billingId, by) =>
      db
        .updateTable('billing')
        .set((eb) => ({ visits: eb('visits', '+', by) }))
        .where('id', '=', billingId)
        .returning('visits')
        .execute(),
    multiplyServicePrices: (factor) =>
      db
        .updateTable('service')
        .set({ price: sql<string>`${sql.ref('price')} * ${sql.lit(factor)}` })
        .execute(),
    repriceFromServices: (locationId) =>
      db
        .updateTable('appointment')
        .from('service')
        .set((eb) => ({ price: eb.ref('service.price').$castTo<string>() }))
        .whereRef('service.id', '=', 'appointment.service_id')
        .where('appointment.location_id', '=', locationId)
        .execute(),
  };
}

type Upserting =
  | 'upsertTag'
  | 'upsertTags'
  | 'createTagsIfAbsent'
  | 'copyAppointmentsToVisits'
  | 'createTagInCte';

function upserting(db: Kysely<ClinicDb>): Pick<Own, Upserting> {
  const recolor = (tags: readonly { label: string; color: string }[]) =>
    db
      .insertInto('tag')
      .values([...tags])
      .onConflict((on) => on.column('label').doUpdateSet((eb) => ({ color: eb.ref('excluded.color') })))
      .returningAll()
      .execute();
  return {
    upsertTag: (tag) => recolor([tag]),
    upsertTags: recolor,
    createTagsIfAbsent: (tags) =>
      db
        .insertInto('tag')
        .values([...tags])
        .onConflict((on) => on.column('label').doNothing())
        .executeTakeFirst(),
    copyAppointmentsToVisits: (status) =>
      db
        .insertInto('visit_log')
        .columns(['user_id', 'note', 'at'])
        .expression((eb) =>
          eb
            .selectFrom('appointment')
            .select(['user_id', 'status', 'starts_at'])
            .where('status', '=', status),
        )
        .execute(),
    createTagInCte: (tag) =>
      db
        .with('made', (cte) => cte.insertInto('tag').values(tag).returning(['id', 'label']))
        .selectFrom('made')
        .selectAll()
        .execute(),
  };
}

type Recording =
  | 'updatePlanItem'
  | 'deletePlanItem'
  | 'changeTagId'
  | 'createForm'
  | 'updateForm'
  | 'createDocument'
  | 'updateDocument'
  | 'createVisit'
  | 'updateVisits'
  | 'deleteVisits';

function recording(db: Kysely<ClinicDb>, values: Values): Pick<Own, Recording> {
  return {
    updatePlanItem: ({ planId, position }, description) =>
      db
        .updateTable('treatment_plan_item')
        .set({ description })
        .where('plan_id', '=', planId)
        .where('position', '=', position)
        .executeTakeFirst(),
    deletePlanItem: ({ planId, position }) =>
      db
        .deleteFrom('treatment_plan_item')
        .where('plan_id', '=', planId)
        .where('position', '=', position)
        .executeTakeFirst(),
    changeTagId: (from, to) => db.updateTable('tag').set({ id: to }).where('id', '=', from).execute(),
    createForm: ({ userId, answers }) =>
      db
        .insertInto('intake_form')
        .values({ user_id: userId, answers: JSON.stringify(answers) })
        .returning('id')
        .execute(),
    updateForm: (id, answers) =>
      db
        .updateTable('intake_form')
        .set({ answers: JSON.stringify(answers) })
        .where('id', '=', id)
        .execute(),
    createDocument: ({ userId, content, ...rest }) =>
      db
        .insertInto('document')
        .values({ ...rest, user_id: userId, content: Buffer.from(content) })
        .execute(),
    updateDocument: (id, { content, body }) =>
      db
        .updateTable('document')
        .set({ ...(content && { content: Buffer.from(content) }), ...(body !== undefined && { body }) })
        .where('id', '=', id)
        .execute(),
    createVisit: ({ userId, note, at }) =>
      db
        .insertInto('visit_log')
        .values({ user_id: userId, note, at: values.instant(at) })
        .execute(),
    updateVisits: (note, to) =>
      db.updateTable('visit_log').set({ note: to }).where('note', '=', note).execute(),
    deleteVisits: (note) => db.deleteFrom('visit_log').where('note', '=', note).execute(),
  };
}

type Asking = 'findAppointment' | 'findAppointmentsOf' | 'countAppointments' | 'rawWrite' | 'rawRows';

function asking(db: Kysely<ClinicDb>): Pick<Own, Asking> {
  const raw = (text: string, values: readonly unknown[]): unknown =>
    db.executeQuery(CompiledQuery.raw(text, [...values]));
  return {
    findAppointment: (id) => db.selectFrom('appointment').selectAll().where('id', '=', id).execute(),
    findAppointmentsOf: (userId) =>
      db
        .selectFrom('appointment')
        .leftJoin('service', 'service.id', 'appointment.service_id')
        .select(['appointment.id', 'appointment.status', 'service.name'])
        .where('user_id', '=', userId)
        .orderBy('appointment.id')
        .execute(),
    countAppointments: (status) =>
      db
        .selectFrom('appointment')
        .select((eb) => eb.fn.countAll().as('count'))
        .where('status', '=', status)
        .execute(),
    rawWrite: raw,
    rawRows: raw,
  };
}
