import { and, count, eq, getTableColumns, inArray, notInArray, sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';

import type { ClinicActions } from '../../../src/testing/capture/clinic-orm.js';
import {
  appointmentTags,
  appointments,
  billings,
  documents,
  forms,
  planItems,
  services,
  tags,
  users,
  visits,
  type schema,
} from './postgres-tables.js';
import { rawSql } from './raw-sql.js';

type Schema = typeof schema;
export type PostgresDb = Pick<
  NodePgDatabase<Schema>,
  'insert' | 'update' | 'delete' | 'select' | 'query' | 'execute' | '$with' | 'with'
>;

type Own = Omit<
  ClinicActions,
  | 'createPlanWithItems'
  | 'createAppointmentWithInvoices'
  | 'connectService'
  | 'disconnectService'
  | 'setInvoices'
>;

/** What can be done by a connection or a transaction of Drizzle's on PostgreSQL. */
export function postgresActions(db: PostgresDb): Own {
  return {
    ...creating(db),
    ...updating(db),
    ...upserting(db),
    ...linking(db),
    ...deleting(db),
    ...recording(db),
    ...asking(db),
  };
}

type Creating = 'createUser' | 'createAppointment' | 'createAppointments' | 'createAppointmentsReturning';

function creating(db: PostgresDb): Pick<Own, Creating> {
  return {
    createUser: (user) => db.insert(users).values(user).execute(),
    createAppointment: (row) => db.insert(appointments).values(row).returning().execute(),
    createAppointments: (rows) =>
      db
        .insert(appointments)
        .values([...rows])
        .execute(),
    createAppointmentsReturning: (rows) =>
      db
        .insert(appointments)
        .values([...rows])
        .returning({ id: appointments.id, state: appointments.status, price: appointments.price })
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

function updating(db: PostgresDb): Pick<Own, Updating> {
  return {
    updateAppointment: (id, change) =>
      db.update(appointments).set(change).where(eq(appointments.id, id)).execute(),
    async saveAppointment(id, change) {
      const { id: _, ...columns } = getTableColumns(appointments);
      const [loaded] = await db.select(columns).from(appointments).where(eq(appointments.id, id));
      return db
        .update(appointments)
        .set({ ...loaded, updatedAt: new Date(), ...change })
        .where(eq(appointments.id, id))
        .returning({ id: appointments.id, status: appointments.status })
        .execute();
    },
    touchAppointment: (id) =>
      db.update(appointments).set({ updatedAt: new Date() }).where(eq(appointments.id, id)).execute(),
    updateAppointmentsWhere: (status, change) =>
      db.update(appointments).set(change).where(eq(appointments.status, status)).execute(),
    updateAppointmentsReturning: (status, change) =>
      db
        .update(appointments)
        .set(change)
        .where(eq(appointments.status, status))
        .returning({ key: appointments.id, notes: appointments.notes })
        .execute(),
    incrementVisits: (billingId, by) =>
      db
        .update(billings)
        .set({ visits: sql`${billings.visits} + ${by}` })
        .where(eq(billings.id, billingId))
        .returning({ visits: billings.visits })
        .execute(),
    multiplyServicePrices: (factor) =>
      db
        .update(services)
        .set({ price: sql`${services.price} * ${factor}` })
        .execute(),
    repriceFromServices: (locationId) =>
      db
        .update(appointments)
        .set({ price: sql`${services.price}` })
        .from(services)
        .where(and(eq(services.id, appointments.serviceId), eq(appointments.locationId, locationId)))
        .execute(),
  };
}

type Upserting =
  | 'upsertTag'
  | 'upsertTags'
  | 'createTagsIfAbsent'
  | 'copyAppointmentsToVisits'
  | 'createTagInCte';

function upserting(db: PostgresDb): Pick<Own, Upserting> {
  const upsertTags: Own['upsertTags'] = (rows) =>
    db
      .insert(tags)
      .values([...rows])
      .onConflictDoUpdate({ target: tags.label, set: { color: sql`excluded.color` } })
      .returning()
      .execute();
  return {
    upsertTag: (tag) => upsertTags([tag]),
    upsertTags,
    createTagsIfAbsent: (rows) =>
      db
        .insert(tags)
        .values([...rows])
        .onConflictDoNothing({ target: tags.label })
        .execute(),
    copyAppointmentsToVisits: (status) =>
      db
        .insert(visits)
        .select(
          db
            .select({ userId: appointments.userId, note: appointments.status, at: appointments.startsAt })
            .from(appointments)
            .where(eq(appointments.status, status)),
        )
        .execute(),
    createTagInCte(tag) {
      const made = db.$with('made').as(db.insert(tags).values(tag).returning());
      return db.with(made).select().from(made).execute();
    },
  };
}

function linking(db: PostgresDb): Pick<Own, 'linkTags' | 'unlinkTags' | 'setTags' | 'clearTags'> {
  const of = (appointmentId: string) => eq(appointmentTags.appointmentId, appointmentId);
  const linkTags: Own['linkTags'] = (appointmentId, tagIds) =>
    db
      .insert(appointmentTags)
      .values(tagIds.map((tagId) => ({ appointmentId, tagId })))
      .onConflictDoNothing()
      .execute();
  return {
    linkTags,
    unlinkTags: (appointmentId, tagIds) =>
      db
        .delete(appointmentTags)
        .where(and(of(appointmentId), inArray(appointmentTags.tagId, [...tagIds])))
        .execute(),
    async setTags(appointmentId, tagIds) {
      await db
        .delete(appointmentTags)
        .where(and(of(appointmentId), notInArray(appointmentTags.tagId, [...tagIds])));
      return linkTags(appointmentId, tagIds);
    },
    clearTags: (appointmentId) => db.delete(appointmentTags).where(of(appointmentId)).execute(),
  };
}

type Deleting =
  | 'deleteAppointment'
  | 'removeAppointment'
  | 'deleteAppointmentsWhere'
  | 'deleteUser'
  | 'deleteService';

function deleting(db: PostgresDb): Pick<Own, Deleting> {
  return {
    deleteAppointment: (id) => db.delete(appointments).where(eq(appointments.id, id)).execute(),
    async removeAppointment(id) {
      const found = await db
        .select({ id: appointments.id })
        .from(appointments)
        .where(eq(appointments.id, id));
      const ids = found.map((row) => row.id);
      return db.delete(appointments).where(inArray(appointments.id, ids)).returning().execute();
    },
    deleteAppointmentsWhere: (status) =>
      db.delete(appointments).where(eq(appointments.status, status)).execute(),
    deleteUser: (id) => db.delete(users).where(eq(users.id, id)).returning({ email: users.email }).execute(),
    deleteService: (id) => db.delete(services).where(eq(services.id, id)).execute(),
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

function recording(db: PostgresDb): Pick<Own, Recording> {
  const item = (planId: string, position: number) =>
    and(eq(planItems.planId, planId), eq(planItems.position, position));
  return {
    updatePlanItem: ({ planId, position }, description) =>
      db.update(planItems).set({ description }).where(item(planId, position)).execute(),
    deletePlanItem: ({ planId, position }) => db.delete(planItems).where(item(planId, position)).execute(),
    changeTagId: (from, to) => db.update(tags).set({ id: to }).where(eq(tags.id, from)).execute(),
    createForm: (form) => db.insert(forms).values(form).returning().execute(),
    updateForm: (id, answers) => db.update(forms).set({ answers }).where(eq(forms.id, id)).execute(),
    createDocument: (document) =>
      db
        .insert(documents)
        .values({ ...document, content: Buffer.from(document.content) })
        .execute(),
    updateDocument: (id, { content, ...rest }) =>
      db
        .update(documents)
        .set({ ...rest, ...(content && { content: Buffer.from(content) }) })
        .where(eq(documents.id, id))
        .execute(),
    createVisit: (visit) => db.insert(visits).values(visit).execute(),
    updateVisits: (note, to) => db.update(visits).set({ note: to }).where(eq(visits.note, note)).execute(),
    deleteVisits: (note) => db.delete(visits).where(eq(visits.note, note)).execute(),
  };
}

type Asking = 'findAppointment' | 'findAppointmentsOf' | 'countAppointments' | 'rawWrite' | 'rawRows';

function asking(db: PostgresDb): Pick<Own, Asking> {
  return {
    findAppointment: (id) => db.select().from(appointments).where(eq(appointments.id, id)).execute(),
    findAppointmentsOf: (userId) =>
      db.query.appointments
        .findMany({
          where: eq(appointments.userId, userId),
          with: { service: true, invoices: true },
          orderBy: appointments.id,
        })
        .execute(),
    countAppointments: (status) =>
      db.select({ count: count() }).from(appointments).where(eq(appointments.status, status)).execute(),
    rawWrite: (text, values) => db.execute(rawSql(text, values)).execute(),
    rawRows: (text, values) => db.execute(rawSql(text, values)).execute(),
  };
}
