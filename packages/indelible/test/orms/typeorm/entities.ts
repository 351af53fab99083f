import { type ColumnType, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

import type { ClinicDatabase } from '../../../src/testing/capture/clinic-orm.js';
import type { UserRow } from '../../../src/testing/capture/clinic-rows.js';

export interface User extends UserRow {
  createdAt: Date;
  updatedAt: Date;
}

export interface Service {
  id: number;
  locationId: number;
  name: string;
  price: string;
}

export interface Appointment {
  id: string;
  userId: string;
  locationId: number;
  serviceId: number | null;
  status: string;
  price: string;
  startsAt: Date;
  day: string;
  preferences: object;
  units: string;
  score: number | null;
  notes: string | null;
  createdAt: Date;
  updatedAt: Date;
  service: Service | null;
  invoices: Invoice[];
  tags: Tag[];
}

export interface TreatmentPlan {
  id: string;
  userId: string;
  title: string;
  items: TreatmentPlanItem[];
}

export interface TreatmentPlanItem {
  planId: string;
  position: number;
  serviceId: number | null;
  description: string;
  price: string;
  plan: TreatmentPlan;
}

export interface IntakeForm {
  id: number;
  userId: string;
  answers: object;
}

export interface Document {
  id: string;
  userId: string;
  name: string;
  content: Uint8Array;
  body: string;
}

export interface Billing {
  id: number;
  userId: string;
  balance: string;
  visits: number;
}

export interface Invoice {
  id: number;
  appointmentId: string | null;
  number: string;
  total: string;
  appointment: Appointment | null;
}

export interface Tag {
  id: number;
  label: string;
  color: string;
}

type Column = EntitySchemaColumnOptions;

/** The clinic without decorators, which the settings of this repository do not allow. */
export class ClinicEntities {
  readonly User: EntitySchema<User>;
  readonly Service: EntitySchema<Service>;
  readonly Appointment: EntitySchema<Appointment>;
  readonly TreatmentPlan: EntitySchema<TreatmentPlan>;
  readonly TreatmentPlanItem: EntitySchema<TreatmentPlanItem>;
  readonly IntakeForm: EntitySchema<IntakeForm>;
  readonly Document: EntitySchema<Document>;
  readonly Billing: EntitySchema<Billing>;
  readonly Invoice: EntitySchema<Invoice>;
  readonly Tag: EntitySchema<Tag>;
  readonly database: ClinicDatabase;

  constructor(database: ClinicDatabase) {
    this.database = database;
    this.User = this.#user();
    this.Appointment = this.#appointment();
    this.Service = entity('Service', 'service', {
      id: SERIAL,
      locationId: { type: 'integer', name: 'location_id' },
      name: { type: 'text' },
      price: this.#money(),
    });
    this.TreatmentPlan = this.#plan();
    this.TreatmentPlanItem = this.#planItem();
    this.IntakeForm = entity('IntakeForm', 'intake_form', {
      id: SERIAL,
      userId: { type: this.#uuid(), name: 'user_id' },
      answers: this.#json(),
    });
    this.Document = entity('Document', 'document', {
      id: { type: this.#uuid(), primary: true },
      userId: { type: this.#uuid(), name: 'user_id' },
      name: { type: 'text' },
      content: { type: this.#isPostgres ? 'bytea' : 'blob' },
      body: { type: 'text' },
    });
    this.Billing = entity('Billing', 'billing', {
      id: SERIAL,
      userId: { type: this.#uuid(), name: 'user_id' },
      balance: this.#money(),
      visits: { type: 'integer', default: 0 },
    });
    this.Invoice = this.#invoice();
    this.Tag = entity('Tag', 'tag', {
      id: SERIAL,
      label: { type: 'text', unique: true },
      color: { type: 'text' },
    });
  }

  all(): EntitySchema[] {
    return [
      this.User,
      this.Service,
      this.Appointment,
      this.TreatmentPlan,
      this.TreatmentPlanItem,
      this.IntakeForm,
      this.Document,
      this.Billing,
      this.Invoice,
      this.Tag,
    ];
  }

  get #isPostgres(): boolean {
    return this.database === 'postgres';
  }

  #uuid(): ColumnType {
    return this.#isPostgres ? 'uuid' : 'text';
  }

  #money(): Column {
    return { type: this.#isPostgres ? 'numeric' : 'decimal', precision: 12, scale: 2 };
  }

  #moment(name: string): Column {
    return { type: this.#isPostgres ? 'timestamptz' : 'datetime', name };
  }

  #json(): Column {
    return { type: this.#isPostgres ? 'jsonb' : 'simple-json' };
  }

  #user(): EntitySchema<User> {
    return entity('User', 'user', {
      id: { type: this.#uuid(), primary: true },
      email: { type: 'text', unique: true },
      passwordHash: { type: 'text', name: 'password_hash' },
      fullName: { type: 'text', name: 'full_name' },
      createdAt: { ...this.#moment('created_at'), createDate: true },
      updatedAt: { ...this.#moment('updated_at'), updateDate: true },
    });
  }

  #appointment(): EntitySchema<Appointment> {
    return new EntitySchema<Appointment>({
      name: 'Appointment',
      tableName: 'appointment',
      columns: {
        id: { type: this.#uuid(), primary: true },
        userId: { type: this.#uuid(), name: 'user_id' },
        locationId: { type: 'integer', name: 'location_id' },
        serviceId: { type: 'integer', name: 'service_id', nullable: true },
        status: { type: 'text' },
        price: this.#money(),
        startsAt: this.#moment('starts_at'),
        day: { type: this.#isPostgres ? 'date' : 'text' },
        preferences: this.#json(),
        units: { type: 'bigint' },
        score: { type: this.#isPostgres ? 'double precision' : 'real', nullable: true },
        notes: { type: 'text', nullable: true },
        createdAt: { ...this.#moment('created_at'), createDate: true },
        updatedAt: { ...this.#moment('updated_at'), updateDate: true },
      },
      relations: {
        service: {
          type: 'many-to-one',
          target: 'Service',
          joinColumn: { name: 'service_id' },
          nullable: true,
        },
        invoices: { type: 'one-to-many', target: 'Invoice', inverseSide: 'appointment', cascade: true },
        tags: {
          type: 'many-to-many',
          target: 'Tag',
          joinTable: {
            name: 'appointment_tag',
            joinColumn: { name: 'appointment_id' },
            inverseJoinColumn: { name: 'tag_id' },
          },
        },
      },
    });
  }

  #plan(): EntitySchema<TreatmentPlan> {
    return new EntitySchema<TreatmentPlan>({
      name: 'TreatmentPlan',
      tableName: 'treatment_plan',
      columns: {
        id: { type: this.#uuid(), primary: true },
        userId: { type: this.#uuid(), name: 'user_id' },
        title: { type: 'text' },
      },
      relations: {
        items: { type: 'one-to-many', target: 'TreatmentPlanItem', inverseSide: 'plan', cascade: true },
      },
    });
  }

  #planItem(): EntitySchema<TreatmentPlanItem> {
    return new EntitySchema<TreatmentPlanItem>({
      name: 'TreatmentPlanItem',
      tableName: 'treatment_plan_item',
      columns: {
        planId: { type: this.#uuid(), name: 'plan_id', primary: true },
        position: { type: 'integer', primary: true },
        serviceId: { type: 'integer', name: 'service_id', nullable: true },
        description: { type: 'text' },
        price: this.#money(),
      },
      relations: {
        plan: {
          type: 'many-to-one',
          target: 'TreatmentPlan',
          inverseSide: 'items',
          joinColumn: { name: 'plan_id' },
        },
      },
    });
  }

  #invoice(): EntitySchema<Invoice> {
    return new EntitySchema<Invoice>({
      name: 'Invoice',
      tableName: 'invoice',
      columns: {
        id: SERIAL,
        appointmentId: { type: this.#uuid(), name: 'appointment_id', nullable: true },
        number: { type: 'text', unique: true },
        total: this.#money(),
      },
      relations: {
        appointment: {
          type: 'many-to-one',
          target: 'Appointment',
          inverseSide: 'invoices',
          joinColumn: { name: 'appointment_id' },
          nullable: true,
        },
      },
    });
  }
}

const SERIAL: Column = { type: 'integer', primary: true, generated: 'increment' };

function entity<T extends object>(
  name: string,
  tableName: string,
  columns: { readonly [P in keyof T]: Column },
): EntitySchema<T> {
  return new EntitySchema<T>({ name, tableName, columns });
}
