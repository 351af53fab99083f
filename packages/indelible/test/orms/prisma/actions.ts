import type { ClinicActions, Lacking } from '../../../src/testing/capture/clinic-orm.js';
import type { AppointmentRow } from '../../../src/testing/capture/clinic-rows.js';
import type { Prisma } from './generated/postgres/client.js';

/** What has no API in Prisma's client, on any database. */
export const LACKS: Lacking = {
  repriceFromServices: 'Prisma has no update that reads another table.',
  upsertTags: 'Prisma upserts one record a call.',
  copyAppointmentsToVisits: 'Prisma has no INSERT ... SELECT.',
  createTagInCte: 'Prisma has no WITH.',
  createVisit: 'A model of Prisma must have a key.',
  updateVisits: 'A model of Prisma must have a key.',
  deleteVisits: 'A model of Prisma must have a key.',
};

export const LACKS_ON_SQLITE: Lacking = {
  ...LACKS,
  createTagsIfAbsent: 'Prisma has no skipDuplicates on SQLite.',
  serializable: 'Prisma has one connection to SQLite, on which transactions cannot meet.',
};

/** How the two databases differ in what Prisma's client takes. */
export interface Differences {
  readonly hasDates: boolean;
  readonly skipsDuplicates: boolean;
}

type Db = Prisma.TransactionClient;
type Made = Prisma.AppointmentUncheckedCreateInput;
type Changed = Prisma.AppointmentUncheckedUpdateInput;

/** The kit's actions by Prisma's own API, on the client or on that of a transaction. */
export function actionsOf(db: Db, differences: Differences): Partial<ClinicActions> {
  return {
    ...singles(db, differences),
    ...bulk(db, differences),
    ...relations(db, differences),
    ...others(db),
  };
}

function singles(db: Db, { hasDates }: Differences): Partial<ClinicActions> {
  const dataOf = (row: Partial<AppointmentRow>): Changed => changeOf(row, hasDates);
  return {
    createUser: (data) => db.user.create({ data }),
    createAppointment: (row) => db.appointment.create({ data: madeOf(row, hasDates) }),
    updateAppointment: (id, change) => db.appointment.update({ where: { id }, data: dataOf(change) }),
    async saveAppointment(id, change) {
      const { id: _, ...found } = await db.appointment.findUniqueOrThrow({ where: { id } });
      const whole = { ...found, preferences: found.preferences ?? {}, updatedAt: new Date() };
      return db.appointment.update({ where: { id }, data: { ...whole, ...dataOf(change) } });
    },
    touchAppointment: (id) => db.appointment.update({ where: { id }, data: { updatedAt: new Date() } }),
    incrementVisits: (id, by) => db.billing.update({ where: { id }, data: { visits: { increment: by } } }),
    upsertTag: (tag) =>
      db.tag.upsert({ where: { label: tag.label }, create: tag, update: { color: tag.color } }),
    deleteAppointment: (id) => db.appointment.delete({ where: { id } }),
    async removeAppointment(id) {
      const found = await db.appointment.findUniqueOrThrow({ where: { id } });
      return db.appointment.delete({ where: { id: found.id } });
    },
    deleteUser: (id) => db.user.delete({ where: { id } }),
    deleteService: (id) => db.service.delete({ where: { id } }),
    updatePlanItem: (key, description) =>
      db.treatmentPlanItem.update({ where: { planId_position: key }, data: { description } }),
    deletePlanItem: (key) => db.treatmentPlanItem.delete({ where: { planId_position: key } }),
    changeTagId: (id, to) => db.tag.update({ where: { id }, data: { id: to } }),
  };
}

function bulk(db: Db, { hasDates, skipsDuplicates }: Differences): Partial<ClinicActions> {
  const all = (rows: readonly AppointmentRow[]): Made[] => rows.map((row) => madeOf(row, hasDates));
  return {
    createAppointments: (rows) => db.appointment.createMany({ data: all(rows) }),
    createAppointmentsReturning: (rows) => db.appointment.createManyAndReturn({ data: all(rows) }),
    updateAppointmentsWhere: (status, change) =>
      db.appointment.updateMany({ where: { status }, data: changeOf(change, hasDates) }),
    updateAppointmentsReturning: (status, change) =>
      db.appointment.updateManyAndReturn({ where: { status }, data: changeOf(change, hasDates) }),
    multiplyServicePrices: (factor) => db.service.updateMany({ data: { price: { multiply: factor } } }),
    ...(skipsDuplicates && {
      createTagsIfAbsent: (tags) => db.tag.createMany({ data: [...tags], skipDuplicates: true }),
    }),
    deleteAppointmentsWhere: (status) => db.appointment.deleteMany({ where: { status } }),
  };
}

function relations(db: Db, { hasDates }: Differences): Partial<ClinicActions> {
  const change = (id: string, data: Prisma.AppointmentUpdateInput): unknown =>
    db.appointment.update({ where: { id }, data });
  return {
    createPlanWithItems: (plan, items) =>
      db.treatmentPlan.create({ data: { ...plan, items: { create: [...items] } } }),
    createAppointmentWithInvoices: (row, invoices) =>
      db.appointment.create({ data: { ...madeOf(row, hasDates), invoices: { create: [...invoices] } } }),
    connectService: (id, serviceId) => change(id, { service: { connect: { id: serviceId } } }),
    disconnectService: (id) => change(id, { service: { disconnect: true } }),
    setInvoices: (id, invoices) => change(id, { invoices: { set: keys(invoices) } }),
    linkTags: (id, tags) => change(id, { tags: { connect: keys(tags) } }),
    unlinkTags: (id, tags) => change(id, { tags: { disconnect: keys(tags) } }),
    // Prisma's `set` removes every link and makes it anew; labels.test.ts has that.
    async setTags(id, ids) {
      const linked = await db.tag.findMany({ where: { appointments: { some: { id } } } });
      const [before, after] = [linked.map((tag) => tag.id), [...ids]];
      const connect = keys(after.filter((tag) => !before.includes(tag)));
      const disconnect = keys(before.filter((tag) => !after.includes(tag)));
      return change(id, { tags: { connect, disconnect } });
    },
    clearTags: (id) => change(id, { tags: { set: [] } }),
  };
}

function others(db: Db): Partial<ClinicActions> {
  return {
    createForm: ({ userId, answers }) => db.intakeForm.create({ data: { userId, answers: answers ?? {} } }),
    updateForm: (id, answers) => db.intakeForm.update({ where: { id }, data: { answers: answers ?? {} } }),
    createDocument: ({ content, ...row }) =>
      db.document.create({ data: { ...row, content: new Uint8Array(content) } }),
    updateDocument: (id, { content, ...change }) =>
      db.document.update({
        where: { id },
        data: { ...change, ...(content && { content: new Uint8Array(content) }) },
      }),
    findAppointment: (id) => db.appointment.findUnique({ where: { id } }),
    findAppointmentsOf: (userId) =>
      db.appointment.findMany({
        where: { userId },
        include: { service: true, invoices: true, tags: true },
        orderBy: { id: 'asc' },
      }),
    countAppointments: (status) => db.appointment.count({ where: { status } }),
    rawWrite: (sql, values) => db.$executeRawUnsafe(sql, ...values),
    rawRows: (sql, values) => db.$queryRawUnsafe(sql, ...values),
  };
}

function madeOf(row: AppointmentRow, hasDates: boolean): Made {
  return { ...row, preferences: row.preferences ?? {}, day: hasDates ? dateOf(row.day) : row.day };
}

function changeOf({ day, preferences, ...change }: Partial<AppointmentRow>, hasDates: boolean): Changed {
  return {
    ...change,
    ...(day !== undefined && { day: hasDates ? dateOf(day) : day }),
    ...(preferences !== undefined && { preferences: preferences ?? {} }),
  };
}

function dateOf(day: string): Date {
  return new Date(`${day}T00:00:00.000Z`);
}

function keys(ids: readonly number[]): { id: number }[] {
  return ids.map((id) => ({ id }));
}
