import {
  type BelongsToManyAddAssociationsMixin,
  type BelongsToManyRemoveAssociationsMixin,
  type BelongsToManySetAssociationsMixin,
  type BelongsToSetAssociationMixin,
  DataTypes,
  type HasManySetAssociationsMixin,
  Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

export class Appointment extends Model {
  declare updatedAt: Date;
  declare setService: BelongsToSetAssociationMixin<Model, number | null>;
  declare setInvoices: HasManySetAssociationsMixin<Model, number>;
  declare addTags: BelongsToManyAddAssociationsMixin<Model, number>;
  declare removeTags: BelongsToManyRemoveAssociationsMixin<Model, number>;
  declare setTags: BelongsToManySetAssociationsMixin<Model, number>;
}

/** The clinic as Sequelize's models: those that the kit's actions need. */
export interface ClinicModels {
  readonly User: ModelStatic<Model>;
  readonly Service: ModelStatic<Model>;
  readonly Appointment: ModelStatic<Appointment>;
  readonly TreatmentPlan: ModelStatic<Model>;
  readonly TreatmentPlanItem: ModelStatic<Model>;
  readonly IntakeForm: ModelStatic<Model>;
  readonly Document: ModelStatic<Model>;
  readonly Billing: ModelStatic<Model>;
  readonly Invoice: ModelStatic<Model>;
  readonly Tag: ModelStatic<Model>;
  readonly VisitLog: ModelStatic<Model>;
}

const { BIGINT, BLOB, DATE, DATEONLY, DECIMAL, DOUBLE, INTEGER, JSONB, TEXT, UUID } = DataTypes;
// Sequelize writes into what it is given: a fresh object for each attribute.
const uuidKey = (): object => ({ type: UUID, primaryKey: true });
const serialKey = (): object => ({ type: INTEGER, primaryKey: true, autoIncrement: true });
const MONEY = DECIMAL(12, 2);

/** Defines the models anew for a connection; columns are named in snake case. */
export function defineClinic(sequelize: Sequelize): ClinicModels {
  const define = (
    name: string,
    tableName: string,
    attributes: object,
    timestamps = false,
  ): ModelStatic<Model> =>
    sequelize.define(name, { ...attributes }, { tableName, timestamps, underscored: true });
  const VisitLog = define('VisitLog', 'visit_log', { userId: UUID, note: TEXT, at: DATE });
  VisitLog.removeAttribute('id');
  const models = {
    User: define('User', 'user', { id: uuidKey(), email: TEXT, passwordHash: TEXT, fullName: TEXT }, true),
    Service: define('Service', 'service', { id: serialKey(), locationId: INTEGER, name: TEXT, price: MONEY }),
    Appointment: defineAppointment(sequelize),
    TreatmentPlan: define('TreatmentPlan', 'treatment_plan', { id: uuidKey(), userId: UUID, title: TEXT }),
    TreatmentPlanItem: define('TreatmentPlanItem', 'treatment_plan_item', {
      planId: uuidKey(),
      position: { type: INTEGER, primaryKey: true },
      serviceId: INTEGER,
      description: TEXT,
      price: MONEY,
    }),
    IntakeForm: define('IntakeForm', 'intake_form', { id: serialKey(), userId: UUID, answers: JSONB }),
    Document: define('Document', 'document', {
      id: uuidKey(),
      userId: UUID,
      name: TEXT,
      content: BLOB,
      body: TEXT,
    }),
    Billing: define('Billing', 'billing', { id: serialKey(), userId: UUID, balance: MONEY, visits: INTEGER }),
    Invoice: define('Invoice', 'invoice', {
      id: serialKey(),
      appointmentId: UUID,
      number: TEXT,
      total: MONEY,
    }),
    Tag: define('Tag', 'tag', { id: serialKey(), label: { type: TEXT, unique: true }, color: TEXT }),
    VisitLog,
  };
  relate(sequelize, models);
  return models;
}

function defineAppointment(sequelize: Sequelize): ModelStatic<Appointment> {
  // A class of its own for each connection: `init` writes into the class.
  return class extends Appointment {}.init(
    {
      id: { type: UUID, primaryKey: true },
      userId: UUID,
      locationId: INTEGER,
      serviceId: INTEGER,
      status: TEXT,
      price: MONEY,
      startsAt: DATE,
      day: DATEONLY,
      preferences: JSONB,
      units: BIGINT,
      score: DOUBLE,
      notes: TEXT,
    },
    { sequelize, modelName: 'Appointment', tableName: 'appointment', underscored: true },
  );
}

function relate(sequelize: Sequelize, models: ClinicModels): void {
  const { Appointment: Visit, Invoice, Service, Tag, TreatmentPlan, TreatmentPlanItem } = models;
  Visit.belongsTo(Service, { as: 'service', foreignKey: 'serviceId' });
  Visit.hasMany(Invoice, { as: 'invoices', foreignKey: 'appointmentId' });
  const through = sequelize.define('AppointmentTag', {}, { tableName: 'appointment_tag', timestamps: false });
  Visit.belongsToMany(Tag, { as: 'tags', through, foreignKey: 'appointment_id', otherKey: 'tag_id' });
  TreatmentPlan.hasMany(TreatmentPlanItem, { as: 'items', foreignKey: 'planId' });
}
