import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

import type { ClinicActions, Lacking } from '../../../src/testing/capture/clinic-orm.js';
import type { AppointmentRow } from '../../../src/testing/capture/clinic-rows.js';
import type { Appointment, ClinicEntities } from './entities.js';

export const LACKS: Lacking = { repriceFromServices: 'The update builder of TypeORM reads no other table.' };
export const LACKS_ON_SQLITE: Lacking = {
  ...LACKS,
  updateAppointmentsReturning: 'TypeORM has no RETURNING on SQLite.',
  createTagInCte: 'TypeORM has no RETURNING on SQLite.',
  serializable: 'TypeORM has one connection to SQLite, on which transactions cannot meet.',
};

/** The kit's actions by TypeORM's own API, on the manager of the data source or of a transaction. */
export function actionsOf(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  return {
    ...singles(db, clinic),
    ...bulk(db, clinic),
    ...relations(db, clinic),
    ...others(db, clinic),
    ...(clinic.database === 'postgres' && returning(db, clinic)),
  };
}

function singles(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  return {
    createUser: (user) => db.save(clinic.User, { ...user }),
    createAppointment: (row) => db.save(clinic.Appointment, columnsOf(row)),
    updateAppointment: (id, change) => db.update(clinic.Appointment, { id }, columnsOf(change)),
    async saveAppointment(id, change) {
      const found = await db.findOneByOrFail(clinic.Appointment, { id });
      return db.save(clinic.Appointment, Object.assign(found, columnsOf(change)));
    },
    touchAppointment: (id) => db.update(clinic.Appointment, { id }, { updatedAt: new Date() }),
    incrementVisits: (id, by) => db.increment(clinic.Billing, { id }, 'visits', by),
    upsertTag: (tag) => db.upsert(clinic.Tag, { ...tag }, ['label']),
    deleteAppointment: (id) => db.delete(clinic.Appointment, { id }),
    async removeAppointment(id) {
      return db.remove(clinic.Appointment, await db.findOneByOrFail(clinic.Appointment, { id }));
    },
    deleteUser: (id) => db.delete(clinic.User, { id }),
    deleteService: (id) => db.delete(clinic.Service, { id }),
    updatePlanItem: (key, description) => db.update(clinic.TreatmentPlanItem, { ...key }, { description }),
    deletePlanItem: (key) => db.delete(clinic.TreatmentPlanItem, { ...key }),
    changeTagId: (id, to) => db.update(clinic.Tag, { id }, { id: to }),
  };
}

function bulk(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  return {
    createAppointments: (rows) =>
      db
        .createQueryBuilder()
        .insert()
        .into(clinic.Appointment)
        .values(rows.map(columnsOf))
        .updateEntity(false)
        .execute(),
    createAppointmentsReturning: (rows) => db.save(clinic.Appointment, rows.map(columnsOf)),
    updateAppointmentsWhere: (status, change) => db.update(clinic.Appointment, { status }, columnsOf(change)),
    multiplyServicePrices: (factor) =>
      db
        .createQueryBuilder()
        .update(clinic.Service)
        .set({ price: () => `price * ${factor}` })
        .execute(),
    upsertTags: (tags) => db.upsert(clinic.Tag, [...tags], ['label']),
    createTagsIfAbsent: (tags) =>
      db
        .createQueryBuilder()
        .insert()
        .into(clinic.Tag)
        .values([...tags])
        .orIgnore()
        .updateEntity(false)
        .execute(),
    copyAppointmentsToVisits: (status) =>
      db
        .createQueryBuilder()
        .insert()
        .into('visit_log', ['user_id', 'note', 'at'])
        .valuesFromSelect((query) =>
          query
            .select(['a.userId', 'a.status', 'a.startsAt'])
            .from(clinic.Appointment, 'a')
            .where('a.status = :status', { status }),
        )
        .execute(),
    deleteAppointmentsWhere: (status) => db.delete(clinic.Appointment, { status }),
  };
}

function returning(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  return {
    updateAppointmentsReturning: (status, change) =>
      db
        .createQueryBuilder()
        .update(clinic.Appointment)
        .set(columnsOf(change))
        .where({ status })
        .returning('*')
        .execute(),
    createTagInCte: (tag) => {
      const made = db
        .createQueryBuilder()
        .insert()
        .into(clinic.Tag)
        .values({ ...tag })
        .returning(['id', 'label']);
      return db
        .createQueryBuilder()
        .addCommonTableExpression(made, 'made')
        .select('made.label', 'label')
        .from('made', 'made')
        .getRawMany();
    },
  };
}

function relations(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  const related = relationOf(db, clinic.Appointment);
  return {
    createPlanWithItems: (plan, items) =>
      db.save(clinic.TreatmentPlan, { ...plan, items: items.map((item) => ({ ...item, planId: plan.id })) }),
    createAppointmentWithInvoices: (row, invoices) =>
      db.save(clinic.Appointment, {
        ...columnsOf(row),
        invoices: invoices.map((invoice) => ({ ...invoice })),
      }),
    connectService: (id, serviceId) => related('service', id).set(serviceId),
    disconnectService: (id) => related('service', id).set(null),
    setInvoices: (id, ids) => db.save(clinic.Appointment, { id, invoices: keys(ids) }),
    linkTags: (id, ids) => related('tags', id).add([...ids]),
    unlinkTags: (id, ids) => related('tags', id).remove([...ids]),
    setTags: (id, ids) => db.save(clinic.Appointment, { id, tags: keys(ids) }),
    clearTags: (id) => db.save(clinic.Appointment, { id, tags: [] }),
  };
}

function others(db: EntityManager, clinic: ClinicEntities): Partial<ClinicActions> {
  return {
    createForm: (form) => db.save(clinic.IntakeForm, { ...form, answers: objectOf(form.answers) }),
    updateForm: (id, answers) => db.save(clinic.IntakeForm, { id, answers: objectOf(answers) }),
    createDocument: ({ content, ...row }) =>
      db.save(clinic.Document, { ...row, content: Buffer.from(content) }),
    updateDocument: (id, { content, ...change }) =>
      db.update(clinic.Document, { id }, { ...change, ...(content && { content: Buffer.from(content) }) }),
    createVisit: ({ userId, note, at }) =>
      db
        .createQueryBuilder()
        .insert()
        .into('visit_log', ['user_id', 'note', 'at'])
        // No column is declared here for TypeORM to convert by.
        .values({ user_id: userId, note, at: clinic.database === 'postgres' ? at : at.toISOString() })
        .execute(),
    updateVisits: (note, to) =>
      db.createQueryBuilder().update('visit_log').set({ note: to }).where('note = :note', { note }).execute(),
    deleteVisits: (note) =>
      db.createQueryBuilder().delete().from('visit_log').where('note = :note', { note }).execute(),
    findAppointment: (id) => db.findOneBy(clinic.Appointment, { id }),
    findAppointmentsOf: (userId) =>
      db.find(clinic.Appointment, {
        where: { userId },
        relations: { service: true, invoices: true, tags: true },
        order: { id: 'ASC' },
      }),
    countAppointments: (status) => db.countBy(clinic.Appointment, { status }),
    rawWrite: (sql, values) => db.query(sql, [...values]),
    rawRows: (sql, values) => db.query(sql, [...values]),
  };
}

/** A relation of one record, by the builder made for that. */
function relationOf<T extends ObjectLiteral>(db: EntityManager, target: EntityTarget<T>) {
  return (name: string, id: string) => db.createQueryBuilder().relation(target, name).of(id);
}

type Columns = Partial<Omit<Appointment, 'service' | 'invoices' | 'tags'>>;

/** TypeORM takes a bigint as text, and JSON as an object. */
function columnsOf({ units, preferences, ...row }: Partial<AppointmentRow>): Columns {
  return {
    ...row,
    ...(units !== undefined && { units: String(units) }),
    ...(preferences !== undefined && { preferences: objectOf(preferences) }),
  };
}

function objectOf(json: unknown): object {
  return typeof json === 'object' && json !== null ? json : {};
}

function keys(ids: readonly number[]): { id: number }[] {
  return ids.map((id) => ({ id }));
}
