import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';

import type { ClinicActions, Lacking } from '../../../src/testing/capture/clinic-orm.js';
import type { AppointmentRow } from '../../../src/testing/capture/clinic-rows.js';
import type { Appointment, ClinicModels } from './models.js';

export const LACKS: Lacking = {
  repriceFromServices: 'The update of Sequelize reads no other table.',
  copyAppointmentsToVisits: 'Sequelize has no INSERT ... SELECT.',
  createTagInCte: 'Sequelize has no WITH.',
};

/** Where the kit's actions go: the connection pool, or a transaction. */
export interface Place {
  readonly sequelize: Sequelize;
  readonly models: ClinicModels;
  readonly transaction: Transaction | null;
}

/** The kit's actions by Sequelize's own API. */
export function actionsOf(place: Place): Partial<ClinicActions> {
  return { ...singles(place), ...bulk(place), ...relations(place), ...others(place) };
}

function singles({ models, transaction }: Place): Partial<ClinicActions> {
  const { Appointment, Billing, Service, Tag, TreatmentPlanItem, User } = models;
  return {
    createUser: (user) => User.create({ ...user }, { transaction }),
    createAppointment: (row) => Appointment.create(columnsOf(row), { transaction }),
    updateAppointment: (id, change) => Appointment.update(columnsOf(change), { where: { id }, transaction }),
    async saveAppointment(id, change) {
      const found = await Appointment.findByPk(id, { transaction, rejectOnEmpty: true });
      return found.set(columnsOf(change)).save({ transaction });
    },
    async touchAppointment(id) {
      const found = await Appointment.findByPk(id, { transaction, rejectOnEmpty: true });
      found.changed('updatedAt', true);
      return found.save({ transaction });
    },
    incrementVisits: (id, by) => Billing.increment('visits', { by, where: { id }, transaction }),
    upsertTag: (tag) => Tag.upsert({ ...tag }, { conflictFields: ['label'], transaction }),
    deleteAppointment: (id) => Appointment.destroy({ where: { id }, transaction }),
    async removeAppointment(id) {
      const found = await Appointment.findByPk(id, { transaction, rejectOnEmpty: true });
      await found.destroy({ transaction });
    },
    deleteUser: (id) => User.destroy({ where: { id }, transaction }),
    deleteService: (id) => Service.destroy({ where: { id }, transaction }),
    updatePlanItem: (key, description) =>
      TreatmentPlanItem.update({ description }, { where: { ...key }, transaction }),
    deletePlanItem: (key) => TreatmentPlanItem.destroy({ where: { ...key }, transaction }),
    changeTagId: (id, to) => Tag.update({ id: to }, { where: { id }, transaction }),
  };
}

function bulk({ sequelize, models, transaction }: Place): Partial<ClinicActions> {
  const { Appointment, Service, Tag } = models;
  return {
    createAppointments: (rows) => Appointment.bulkCreate(rows.map(columnsOf), { transaction }),
    createAppointmentsReturning: (rows) =>
      Appointment.bulkCreate(rows.map(columnsOf), { returning: true, transaction }),
    updateAppointmentsWhere: (status, change) =>
      Appointment.update(columnsOf(change), { where: { status }, transaction }),
    updateAppointmentsReturning: (status, change) =>
      Appointment.update(columnsOf(change), { where: { status }, returning: true, transaction }),
    multiplyServicePrices: (factor) =>
      Service.update({ price: sequelize.literal(`price * ${factor}`) }, { where: {}, transaction }),
    upsertTags: (tags) =>
      Tag.bulkCreate(
        tags.map((tag) => ({ ...tag })),
        { updateOnDuplicate: ['color'], conflictAttributes: ['label'], transaction },
      ),
    createTagsIfAbsent: (tags) =>
      Tag.bulkCreate(
        tags.map((tag) => ({ ...tag })),
        { ignoreDuplicates: true, transaction },
      ),
    deleteAppointmentsWhere: (status) => Appointment.destroy({ where: { status }, transaction }),
  };
}

function relations({ models, transaction }: Place): Partial<ClinicActions> {
  const { Appointment, TreatmentPlan } = models;
  const found = (id: string): Promise<Appointment> =>
    Appointment.findByPk(id, { transaction, rejectOnEmpty: true });
  return {
    createPlanWithItems: (plan, items) =>
      TreatmentPlan.create({ ...plan, items: [...items] }, { include: 'items', transaction }),
    createAppointmentWithInvoices: (row, invoices) =>
      Appointment.create(
        { ...columnsOf(row), invoices: [...invoices] },
        { include: 'invoices', transaction },
      ),
    connectService: async (id, serviceId) => (await found(id)).setService(serviceId, { transaction }),
    disconnectService: async (id) => (await found(id)).setService(null, { transaction }),
    setInvoices: async (id, ids) => (await found(id)).setInvoices([...ids], { transaction }),
    linkTags: async (id, ids) => (await found(id)).addTags([...ids], { transaction }),
    unlinkTags: async (id, ids) => (await found(id)).removeTags([...ids], { transaction }),
    setTags: async (id, ids) => (await found(id)).setTags([...ids], { transaction }),
    clearTags: async (id) => (await found(id)).setTags([], { transaction }),
  };
}

function others({ sequelize, models, transaction }: Place): Partial<ClinicActions> {
  const { Appointment, Document, IntakeForm, VisitLog } = models;
  const include = ['service', 'invoices', 'tags'];
  return {
    createForm: (form) => IntakeForm.create({ ...form }, { transaction }),
    updateForm: (id, answers) => IntakeForm.update({ answers }, { where: { id }, transaction }),
    createDocument: ({ content, ...row }) =>
      Document.create({ ...row, content: Buffer.from(content) }, { transaction }),
    updateDocument: (id, { content, ...change }) =>
      Document.update(
        { ...change, ...(content && { content: Buffer.from(content) }) },
        { where: { id }, transaction },
      ),
    createVisit: (visit) => VisitLog.create({ ...visit }, { transaction }),
    updateVisits: (note, to) => VisitLog.update({ note: to }, { where: { note }, transaction }),
    deleteVisits: (note) => VisitLog.destroy({ where: { note }, transaction }),
    findAppointment: (id) => Appointment.findByPk(id, { transaction }),
    findAppointmentsOf: (userId) =>
      Appointment.findAll({ where: { userId }, include, order: ['id'], transaction }),
    countAppointments: (status) => Appointment.count({ where: { status }, transaction }),
    rawWrite: (sql, values) => sequelize.query(sql, { bind: [...values], transaction }),
    rawRows: (sql, values) =>
      sequelize.query(sql, { bind: [...values], type: QueryTypes.SELECT, transaction }),
  };
}

/** Sequelize takes a bigint as text. */
function columnsOf({ units, ...row }: Partial<AppointmentRow>): Record<string, unknown> {
  return units === undefined ? row : { ...row, units: String(units) };
}
