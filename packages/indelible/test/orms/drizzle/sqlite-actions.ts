import type { RunResult } from 'better-sqlite3';
import { and, count, eq, getTableColumns, inArray, notInArray, sql } from 'drizzle-orm';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';

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
} from './sqlite-tables.js';
import { rawSql } from './raw-sql.js';

type Schema = typeof schema;
/** A database of Drizzle's, or a transaction on it. */
export type SqliteDb = BaseSQLiteDatabase<'sync', RunResult, Schema>;

type Own = Omit<
  ClinicActions,
  | 'createPlanWithItems'
  | 'createTagInCte'
  | 'createAppointmentWithInvoices'
  | 'connectService'
  | 'disconnectService'
  | 'setInvoices'
>;

/** What can be done by a connection or a transaction of Drizzle's on SQLite, each answered at once. */
export function sqliteActions(db: SqliteDb): Own {
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

function creating(db: SqliteDb): Pick<Own, Creating> {
  return {
    createUser: (user) => db.insert(users).values(user).run(),
    createAppointment: (row) => db.insert(appointments).values(row).returning().all(),
    createAppointments: (rows) =>
      db
        .insert(appointments)
        .values([...rows])
        .run(),
    createAppointmentsReturning: (rows) =>
      db
        .insert(appointments)
        .values([...rows])
        .returning({ id: appointments.id, state: appointments.status, price: appointments.price })
        .all(),
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

function updating(db: SqliteDb): Pick<Own, Updating> {
  return {
    updateAppointment: (id, change) =>
      db.update(appointments).set(change).where(eq(appointments.id, id)).run(),
    saveAppointment(id, change) {
      const { id: _, ...columns } = getTableColumns(appointments);
      const loaded = db.select(columns).from(appointments).where(eq(appointments.id, id)).get();
      return db
        .update(appointments)
        .set({ ...loaded, updatedAt: new Date(), ...change })
        .where(eq(appointments.id, id))
        .returning({ id: appointments.id, status: appointments.status })
        .all();
    },
    touchAppointment: (id) =>
      db.update(appointments).set({ updatedAt: new Date() }).where(eq(appointments.id, id)).run(),
    updateAppointmentsWhere: (status, change) =>
      db.update(appointments).set(change).where(eq(appointments.status, status)).run(),
    updateAppointmentsReturning: (status, change) =>
      db
        .update(appointments)
        .set(change)
        .where(eq(appointments.status, status))
        .returning({ key: appointments.id, notes: appointments.notes })
        .all(),
    incrementVisits: (billingId, by) =>
      db
        .update(billings)
        .set({ visits: sql`${billings.visits} + ${by}` })
        .where(eq(billings.id, billingId))
        .returning({ visits: billings.visits })
        .all(),
    multiplyServicePrices: (factor) =>
      db
        .update(services)
        .set({ price: sql`${services.price} * ${factor}` })
        .run(),
    repriceFromServices: (locationId) =>
      db
        .update(appointments)
        .set({ price: sql`${services.price}` })
        .from(services)
        .where(and(eq(services.id, appointments.serviceId), eq(appointments.locationId, locationId)))
        .run(),
  };
}

type Upserting = 'upsertTag' | 'upsertTags' | 'createTagsIfAbsent' | 'copyAppointmentsToVisits';

function upserting(db: SqliteDb): Pick<Own, Upserting> {
  const upsertTags: Own['upsertTags'] = (rows) =>
    db
      .insert(tags)
      .values([...rows])
      .onConflictDoUpdate({ target: tags.label, set: { color: sql`excluded.color` } })
      .returning()
      .all();
  return {
    upsertTag: (tag) => upsertTags([tag]),
    upsertTags,
    createTagsIfAbsent: (rows) =>
      db
        .insert(tags)
        .values([...rows])
        .onConflictDoNothing({ target: tags.label })
        .run(),
    copyAppointmentsToVisits: (status) =>
      db
        .insert(visits)
        .select(
          db
            .select({ userId: appointments.userId, note: appointments.status, at: appointments.startsAt })
            .from(appointments)
            .where(eq(appointments.status, status)),
        )
        .run(),
  };
}

function linking(db: SqliteDb): Pick<Own, 'linkTags' | 'unlinkTags' | 'setTags' | 'clearTags'> {
  const of = (appointmentId: string) => eq(appointmentTags.appointmentId, appointmentId);
  const linkTags: Own['linkTags'] = (appointmentId, tagIds) =>
    db
      .insert(appointmentTags)
      .values(tagIds.map((tagId) => ({ appointmentId, tagId })))
      .onConflictDoNothing()
      .run();
  return {
    linkTags,
    unlinkTags: (appointmentId, tagIds) =>
      db
        .delete(appointmentTags)
        .where(and(of(appointmentId), inArray(appointmentTags.tagId, [...tagIds])))
        .run(),
    setTags(appointmentId, tagIds) {
      db.delete(appointmentTags)
        .where(and(of(appointmentId), notInArray(appointmentTags.tagId, [...tagIds])))
        .run();
      return linkTags(appointmentId, tagIds);
    },
    clearTags: (appointmentId) => db.delete(appointmentTags).where(of(appointmentId)).run(),
  };
}

type Deleting =
  | 'deleteAppointment'
  | 'removeAppointment'
  | 'deleteAppointmentsWhere'
  | 'deleteUser'
  | 'deleteService';

function deleting(db: SqliteDb): Pick<Own, Deleting> {
  return {
    deleteAppointment: (id) => db.delete(appointments).where(eq(appointments.id, id)).run(),
    removeAppointment(id) {
      const found = db
        .select({ id: appointments.id })
        .from(appointments)
        .where(eq(appointments.id, id))
        .all();
      const ids = found.map((row) => row.id);
      return db.delete(appointments).where(inArray(appointments.id, ids)).returning().all();
    },
    deleteAppointmentsWhere: (status) => db.delete(appointments).where(eq(appointments.status, status)).run(),
    deleteUser: (id) => db.delete(users).where(eq(users.id, id)).returning({ email: users.email }).all(),
    deleteService: (id) => db.delete(services).where(eq(services.id, id)).run(),
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

function recording(db: SqliteDb): Pick<Own, Recording> {
  const item = (planId: string, position: number) =>
    and(eq(planItems.planId, planId), eq(planItems.position, position));
  return {
    updatePlanItem: ({ planId, position }, description) =>
      db.update(planItems).set({ description }).where(item(planId, position)).run(),
    deletePlanItem: ({ planId, position }) => db.delete(planItems).where(item(planId, position)).run(),
    changeTagId: (from, to) => db.update(tags).set({ id: to }).where(eq(tags.id, from)).run(),
    createForm: (form) => db.insert(forms).values(form).returning().all(),
    updateForm: (id, answers) => db.update(forms).set({ answers }).where(eq(forms.id, id)).run(),
    createDocument: (document) =>
      db
        .insert(documents)
        .values({ ...document, content: Buffer.from(document.content) })
        .run(),
    updateDocument: (id, { content, ...rest }) =>
      db
        .update(documents)
        .set({ ...rest, ...(content && { content: Buffer.from(content) }) })
        .where(eq(documents.id, id))
        .run(),
    createVisit: (visit) => db.insert(visits).values(visit).run(),
    updateVisits: (note, to) => db.update(visits).set({ note: to }).where(eq(visits.note, note)).run(),
    deleteVisits: (note) => db.delete(visits).where(eq(visits.note, note)).run(),
  };
}

type Asking = 'findAppointment' | 'findAppointmentsOf' | 'countAppointments' | 'rawWrite' | 'rawRows';

function asking(db: SqliteDb): Pick<Own, Asking> {
  return {
    findAppointment: (id) => db.select().from(appointments).where(eq(appointments.id, id)).all(),
    findAppointmentsOf: (userId) =>
      db.query.appointments
        .findMany({
          where: eq(appointments.userId, userId),
          with: { service: true, invoices: true },
          orderBy: appointments.id,
        })
        .sync(),
    countAppointments: (status) =>
      db.select({ count: count() }).from(appointments).where(eq(appointments.status, status)).all(),
    rawWrite: (text, values) => db.run(rawSql(text, values)),
    rawRows: (text, values) => db.all(rawSql(text, values)),
  };
}
