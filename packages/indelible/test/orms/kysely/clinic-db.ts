import type { ColumnType, Generated, Insertable } from 'kysely';

import type { ClinicPlace } from '../../../src/testing/capture/clinic-orm.js';
import type {
  AppointmentChange,
  AppointmentRow,
  PlanItemRow,
  UserRow,
} from '../../../src/testing/capture/clinic-rows.js';

type Money = ColumnType<string | number, string, string>;
type Instant = ColumnType<Date | string, Date | string, Date | string>;
type Defaulted = ColumnType<Date | string, Date | string | undefined, Date | string>;
type Json = ColumnType<unknown, string, string>;
/** On SQLite a large integer would be rounded on its way out, and nothing here reads it. */
type Big = ColumnType<string | number, bigint, bigint>;

export interface ClinicDb {
  user: {
    id: string;
    email: string;
    password_hash: string;
    full_name: string;
    created_at: Defaulted;
    updated_at: Defaulted;
  };
  location: { id: Generated<number>; name: string; time_zone: string };
  service: { id: Generated<number>; location_id: number; name: string; price: Money };
  appointment: {
    id: string;
    user_id: string;
    location_id: number;
    service_id: number | null;
    status: string;
    price: Money;
    starts_at: Instant;
    day: ColumnType<Date | string, string, string>;
    preferences: Json;
    units: Big;
    score: number | null;
    notes: string | null;
    created_at: Defaulted;
    updated_at: Defaulted;
  };
  dental_record: { id: string; user_id: string; tooth: number; finding: string; recorded_on: string };
  treatment_plan: { id: string; user_id: string; title: string };
  treatment_plan_item: {
    plan_id: string;
    position: number;
    service_id: number | null;
    description: string;
    price: Money;
  };
  intake_form: { id: Generated<number>; user_id: string; answers: Json };
  document: { id: string; user_id: string; name: string; content: Buffer; body: string };
  billing: { id: Generated<number>; user_id: string; balance: Money; visits: Generated<number> };
  invoice: { id: Generated<number>; appointment_id: string | null; number: string; total: Money };
  payment: { id: Generated<number>; invoice_id: number; amount: Money; paid_at: Instant };
  tag: { id: Generated<number>; label: string; color: string };
  appointment_tag: { appointment_id: string; tag_id: number };
  visit_log: { user_id: string; note: string; at: Instant };
}

/** Values as a driver takes them: better-sqlite3 takes no dates. */
export class Values {
  readonly #database: ClinicPlace['database'];

  constructor(database: ClinicPlace['database']) {
    this.#database = database;
  }

  instant(at: Date): Date | string {
    return this.#database === 'postgres' ? at : at.toISOString();
  }

  now(): Date | string {
    return this.instant(new Date());
  }

  user(row: UserRow): Insertable<ClinicDb['user']> {
    return { id: row.id, email: row.email, password_hash: row.passwordHash, full_name: row.fullName };
  }

  appointment(row: AppointmentRow): Insertable<ClinicDb['appointment']> {
    const { userId, locationId, serviceId, startsAt, preferences, ...rest } = row;
    return {
      ...rest,
      user_id: userId,
      location_id: locationId,
      service_id: serviceId,
      starts_at: this.instant(startsAt),
      preferences: JSON.stringify(preferences),
    };
  }

  change(change: AppointmentChange): Partial<Insertable<ClinicDb['appointment']>> {
    const { startsAt, preferences, ...rest } = change;
    return {
      ...rest,
      ...(startsAt && { starts_at: this.instant(startsAt) }),
      ...(preferences !== undefined && { preferences: JSON.stringify(preferences) }),
      updated_at: this.now(),
    };
  }

  item(planId: string, row: PlanItemRow): Insertable<ClinicDb['treatment_plan_item']> {
    const { serviceId, ...rest } = row;
    return { ...rest, plan_id: planId, service_id: serviceId };
  }
}
