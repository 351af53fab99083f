import pg from 'pg';
import {
  Column,
  DataSource,
  DefaultNamingStrategy,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
} from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ClinicHome, ClinicQuery } from '../../../src/testing/capture/clinic-set-up.js';
import { createTestAudit, type TestAudit } from '../../../src/testing/test-audit.js';
import { auditTypeOrm, typeOrmModels } from '../../../src/typeorm.js';
import { openSqliteHome } from '../sqlite-home.js';
import { ClinicEntities } from './entities.js';

class Person {
  declare id: string;
  declare fullName: string;
}

class Visit {
  declare id: string;
  declare person: Person;
}

// Decorators are functions: called as such they need no syntax.
Entity('people')(Person);
PrimaryColumn('text')(Person.prototype, 'id');
Column('text', { name: 'name_in_full' })(Person.prototype, 'fullName');
Entity()(Visit);
PrimaryColumn('text')(Visit.prototype, 'id');
ManyToOne(() => Person)(Visit.prototype, 'person');
JoinColumn()(Visit.prototype, 'person');

/** Names columns as most applications on PostgreSQL do. */
class SnakeNaming extends DefaultNamingStrategy {
  override joinColumnName(relation: string, referenced: string): string {
    return `${relation}_${referenced}`;
  }
}

describe('auditTypeOrm', () => {
  const audit = createTestAudit();

  it('asks for the driver on PostgreSQL, and says how', () => {
    const options = { type: 'postgres', url: 'postgres://localhost/clinic' } as never;
    expect(() => auditTypeOrm(audit, options)).toThrow(/add `driver: pg`/);
  });

  it('refuses a database that it cannot capture', () => {
    const options = { type: 'mysql', url: 'mysql://localhost/clinic' } as never;
    expect(() => auditTypeOrm(audit, options)).toThrow(/"mysql".*"postgres" and "better-sqlite3"/);
  });

  it('hides the native client, which TypeORM would take instead', () => {
    const { driver } = auditTypeOrm(audit, { type: 'postgres', driver: { ...pg, native: pg } });
    expect(driver.native).toBeUndefined();
  });

  it('leaves the options that it was given as they are', () => {
    const options = { type: 'postgres', driver: pg, poolSize: 3 } as const;
    const audited = auditTypeOrm(audit, options);
    expect(audited).toMatchObject({ type: 'postgres', poolSize: 3 });
    expect(options.driver).toBe(pg);
    expect(audited.driver).not.toBe(pg);
  });
});

describe('typeOrmModels', () => {
  it('reads tables and columns of schemas from a data source that has not connected', async () => {
    const clinic = new ClinicEntities('sqlite');
    const source = new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: clinic.all() });
    const models = await typeOrmModels(
      source,
      [clinic.User, { exclude: ['passwordHash'], label: { columns: ['fullName'], text: () => 'somebody' } }],
      [clinic.Appointment, { subject: 'userId', ignore: ['service'] }],
      [clinic.Invoice, { subject: 'appointment.userId' }],
      [clinic.Tag, false],
    );
    expect(source.isInitialized).toBe(false);
    expect(models).toMatchObject({
      User: { table: 'user', exclude: ['password_hash'], label: { columns: ['full_name'] } },
      Appointment: { table: 'appointment', subject: 'user_id', ignore: ['service_id'] },
      Invoice: { table: 'invoice', subject: 'appointment_id.user_id' },
      TreatmentPlanItem: { table: 'treatment_plan_item' },
      tag: false,
    });
  });

  it('reads them of classes, and asks the naming strategy of the application', async () => {
    const source = new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [Person, Visit],
      namingStrategy: new SnakeNaming(),
    });
    expect(
      await typeOrmModels(source, [Visit, { subject: 'person' }], [Person, { redact: ['fullName'] }]),
    ).toMatchObject({
      Person: { table: 'people', redact: ['name_in_full'] },
      Visit: { table: 'visit', subject: 'person_id' },
    });
  });

  it('refuses an entity that the data source does not have', async () => {
    const source = new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [Person] });
    await expect(typeOrmModels(source, [Visit, {}])).rejects.toThrow(/Visit/);
  });
});

describe('a data source on better-sqlite3', () => {
  let home: ClinicHome;
  let audit: TestAudit;

  beforeEach(async () => {
    home = await openSqliteHome();
    audit = createTestAudit({ outbox: home.outbox });
  });

  afterEach(async () => {
    await audit.close();
    await home.remove();
  });

  it("is prepared by the application first, whose own writing there is not yet the trail's", async () => {
    const prepareDatabase = vi.fn<(db: { exec(sql: string): unknown }) => void>((db) => {
      db.exec("INSERT INTO tag (label, color) VALUES ('child', 'blue')");
    });
    const source = new DataSource(
      auditTypeOrm(audit, { type: 'better-sqlite3', database: pathOf(home), prepareDatabase }),
    );
    await source.initialize();
    await source.query("UPDATE tag SET color = 'red'");
    expect(prepareDatabase).toHaveBeenCalledOnce();
    expect((await audit.events()).map(({ action }) => action)).toEqual(['UPDATE']);
    await source.destroy();
  });

  it('captures tables that TypeORM itself makes later', async () => {
    const source = new DataSource(
      auditTypeOrm(audit, {
        type: 'better-sqlite3',
        database: pathOf(home),
        entities: [Person, Visit],
        synchronize: true,
      }),
    );
    await source.initialize();
    await source.manager.insert(Person, { id: 'p1', fullName: 'Ada' });
    expect(await names(home.query)).toContain('people');
    expect((await audit.events()).map(({ action, target }) => `${action} ${target?.type}`)).toEqual([
      'CREATE people',
    ]);
    await source.destroy();
  });
});

function pathOf(home: ClinicHome): string {
  const place = home.place(1);
  return place.database === 'sqlite' ? place.path : '';
}

async function names(query: ClinicQuery): Promise<unknown[]> {
  return (await query('SELECT name FROM sqlite_schema')).map(({ name }) => name);
}
