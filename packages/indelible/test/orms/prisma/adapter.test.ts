import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { auditPrisma, prismaModels } from '../../../src/prisma.js';
import type { ClinicHome } from '../../../src/testing/capture/clinic-set-up.js';
import { createTestAudit, type TestAudit } from '../../../src/testing/test-audit.js';
import { postgresServers } from '../../servers/postgres.js';
import { openPostgresHome } from '../postgres-home.js';
import { PrismaClient } from './generated/postgres/client.js';
import { PrismaClient as SqliteClient } from './generated/sqlite/client.js';

const TAG = { label: 'child', color: 'blue' };

describe('auditPrisma', () => {
  it('refuses an adapter that it cannot capture, and says which it can', () => {
    const factory = { adapterName: '@prisma/adapter-neon', connect: vi.fn<() => never>() };
    expect(() => auditPrisma(createTestAudit(), factory)).toThrow(
      /"@prisma\/adapter-neon".*@prisma\/adapter-pg and @prisma\/adapter-better-sqlite3/,
    );
  });

  it('closes a connection whose driver is not where it was', async () => {
    const adapter = { dispose: vi.fn<() => Promise<void>>(async () => undefined) };
    const factory = { adapterName: '@prisma/adapter-better-sqlite3', connect: async () => adapter };
    await expect(auditPrisma(createTestAudit(), factory).connect()).rejects.toThrow(
      /"@prisma\/adapter-better-sqlite3".*no better-sqlite3 Database/,
    );
    expect(adapter.dispose).toHaveBeenCalledOnce();
  });

  it('leaves the connection to a shadow database alone', async () => {
    const plain = new PrismaBetterSqlite3({ url: ':memory:' });
    const shadow = await auditPrisma(createTestAudit(), plain).connectToShadowDb();
    await shadow.executeScript('CREATE TABLE tag (id INTEGER PRIMARY KEY); INSERT INTO tag DEFAULT VALUES;');
    const { rows } = await shadow.queryRaw({
      sql: 'SELECT name FROM temp.sqlite_schema',
      args: [],
      argTypes: [],
    });
    expect(rows).toEqual([]);
    await shadow.dispose();
  });
});

describe('prismaModels', () => {
  it('reads tables and columns from the client of either database', () => {
    const rules = {
      User: { exclude: ['passwordHash'] },
      Invoice: { subject: 'appointmentId.userId' },
    } as const;
    const expected = {
      User: { table: 'user', exclude: ['password_hash'] },
      Invoice: { table: 'invoice', subject: 'appointment_id.user_id' },
      TreatmentPlanItem: { table: 'treatment_plan_item' },
      location: false,
    };
    expect(prismaModels(PrismaClient, { ...rules, Location: false })).toMatchObject(expected);
    expect(prismaModels(SqliteClient, { ...rules, Location: false })).toMatchObject(expected);
  });

  it('refuses what is no client', () => {
    expect(() => prismaModels(Error)).toThrow(/prismaModels cannot read the models/);
  });
});

describe.each(postgresServers())('a pool of the application on $name', (server) => {
  let home: ClinicHome;
  let audit: TestAudit;
  let pool: Pool;

  beforeEach(async () => {
    home = await openPostgresHome(server);
    audit = createTestAudit({ outbox: home.outbox, models: prismaModels(PrismaClient) });
    const place = home.place(1);
    pool = new Pool({
      connectionString: place.database === 'postgres' ? place.connectionString : '',
      max: 2,
    });
  });

  afterEach(async () => {
    await audit.close();
    await pool.end();
    await home.remove();
  });

  it('is captured, also for a client that connects again, and for another one', async () => {
    const adapter = auditPrisma(audit, new PrismaPg(pool));
    const [first, second] = [new PrismaClient({ adapter }), new PrismaClient({ adapter })];
    await first.tag.create({ data: TAG });
    await first.$disconnect();
    await first.tag.update({ where: { label: 'child' }, data: { color: 'red' } });
    await second.tag.delete({ where: { label: 'child' } });
    const events = await audit.events();
    expect(events.map(({ action, target }) => `${action} ${target?.type}`)).toEqual([
      'CREATE Tag',
      'UPDATE Tag',
      'DELETE Tag',
    ]);
    await Promise.all([first.$disconnect(), second.$disconnect()]);
  });

  it('that has connected already captures from then on', async () => {
    await pool.query('SELECT 1');
    const client = new PrismaClient({ adapter: auditPrisma(audit, new PrismaPg(pool)) });
    await client.tag.create({ data: TAG });
    await client.$disconnect();
    expect((await audit.events()).map(({ action }) => action)).toEqual(['CREATE']);
  });

  it('P10: tells of every contended update what it really replaced', async () => {
    const db = new PrismaClient({ adapter: auditPrisma(audit, new PrismaPg(pool)) });
    await db.tag.create({ data: TAG });
    const colors = Array.from({ length: 40 }, (_, n) => `color ${n}`);
    await Promise.all(
      colors.map((color) =>
        audit.run({ actor: { type: 'user', id: color } }, () =>
          db.tag.update({ where: { label: 'child' }, data: { color } }),
        ),
      ),
    );
    const [, ...updates] = await audit.events();
    expect(updates.map(({ after }) => String(after?.['color'])).toSorted()).toEqual(colors.toSorted());
    expect(updates.filter(({ actor, after }) => actor.id !== after?.['color'])).toEqual([]);
    const replaced = updates.map(({ before }) => before?.['color']);
    expect(new Set(replaced).size).toBe(colors.length);
    await db.$disconnect();
  });
});
