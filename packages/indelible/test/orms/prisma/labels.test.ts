import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { auditPrisma, auditPrismaLabels, type PrismaLabelsOptions } from '../../../src/prisma.js';
import type { ClinicHome } from '../../../src/testing/capture/clinic-set-up.js';
import { createTestAudit, type TestAudit } from '../../../src/testing/test-audit.js';
import { openSqliteHome } from '../sqlite-home.js';
import { PrismaClient } from './generated/sqlite/client.js';

const PLAN = { id: 'plan-1', userId: 'ada', title: 'Crowns' };
const [BLUE, RED] = [
  { label: 'child', color: 'blue' },
  { label: 'urgent', color: 'red' },
];
const VISIT = {
  id: 'visit-1',
  userId: 'ada',
  locationId: 1,
  status: 'booked',
  price: '80.00',
  startsAt: new Date('2026-03-14T09:30:00Z'),
  day: '2026-03-14',
  preferences: {},
  units: 1n,
};
const ITEM = { position: 1, description: 'a crown', price: '450.00' };

let home: ClinicHome;
let audit: TestAudit;
let client: PrismaClient;

beforeEach(async () => {
  home = await openSqliteHome();
  audit = createTestAudit({ outbox: home.outbox });
  const place = home.place(1);
  const url = place.database === 'sqlite' ? `file:${place.path}` : '';
  client = new PrismaClient({ adapter: auditPrisma(audit, new PrismaBetterSqlite3({ url })) });
  for (const id of ['ada', 'bob', 'eve']) {
    await client.user.create({
      data: { id, email: `${id}@clinic.example`, passwordHash: 'x', fullName: id },
    });
  }
  await audit.events();
});

afterEach(async () => {
  await client.$disconnect();
  await audit.close();
  await home.remove();
});

/** The client with labels; the rows that were made above are no longer among the events. */
async function labelled(
  options?: PrismaLabelsOptions,
): Promise<{ db: PrismaClient; since: () => Promise<Told[]> }> {
  const before = (await audit.events()).length;
  const since = async (): Promise<Told[]> => (await audit.events()).slice(before);
  return { db: client.$extends(auditPrismaLabels(audit, options)) as unknown as PrismaClient, since };
}

type Told = Awaited<ReturnType<TestAudit['events']>>[number];

const told = (events: readonly Told[]): string[] =>
  events.map(({ action, target, operation }) => `${action} ${target?.type} by ${operation}`);

describe('the names of operations', () => {
  it('stand on every event of the call, also on those of rows written along with it', async () => {
    const { db, since } = await labelled();
    await db.treatmentPlan.create({ data: { ...PLAN, items: { create: [ITEM] } } });
    await db.user.delete({ where: { id: 'ada' } });
    expect(told(await since()).toSorted()).toEqual([
      'CREATE treatment_plan by TreatmentPlan.create',
      'CREATE treatment_plan_item by TreatmentPlan.create',
      'DELETE treatment_plan by User.delete',
      'DELETE treatment_plan_item by User.delete',
      'DELETE user by User.delete',
    ]);
  });

  it('P3: stand on every link that a set of many removes and makes, which is how Prisma sets them', async () => {
    await home.query("INSERT INTO location (id, name, time_zone) VALUES (1, 'Main', 'UTC')");
    await client.appointment.create({ data: { ...VISIT, tags: { create: [BLUE, RED] } } });
    const { db, since } = await labelled();
    await db.appointment.update({ where: { id: VISIT.id }, data: { tags: { set: [{ id: 1 }] } } });
    expect(told(await since())).toEqual([
      'DELETE _AppointmentToTag by Appointment.update',
      'DELETE _AppointmentToTag by Appointment.update',
      'CREATE _AppointmentToTag by Appointment.update',
    ]);
  });

  it('stand on raw SQL too', async () => {
    const { db, since } = await labelled();
    await db.$executeRaw`UPDATE user SET full_name = 'Ada' WHERE id = 'ada'`;
    expect(told(await since())).toEqual(['UPDATE user by $executeRaw']);
  });

  it('leave the context around the call as it is', async () => {
    const { db, since } = await labelled();
    await audit.run({ actor: { type: 'user', id: 'dr-grace' }, reason: 'asked for' }, () =>
      db.user.update({ where: { id: 'ada' }, data: { fullName: 'Ada' } }),
    );
    expect(await since()).toMatchObject([
      { actor: { id: 'dr-grace' }, reason: 'asked for', operation: 'User.update' },
    ]);
  });

  it('P13: leave a batch one transaction, which takes everything back when one of its calls fails', async () => {
    const { db, since } = await labelled();
    const batch = db.$transaction([
      db.user.update({ where: { id: 'ada' }, data: { fullName: 'Ada' } }),
      db.user.update({ where: { id: 'nobody' }, data: { fullName: 'Nobody' } }),
    ]);
    await expect(batch).rejects.toThrow(/record/);
    expect(await since()).toEqual([]);
    await db.$transaction([
      db.user.update({ where: { id: 'ada' }, data: { fullName: 'Ada' } }),
      db.tag.create({ data: { label: 'child', color: 'blue' } }),
    ]);
    const events = await since();
    expect(events.map(({ action }) => action)).toEqual(['UPDATE', 'CREATE']);
    expect(new Set(events.map(({ transactionId }) => transactionId)).size).toBe(1);
  });

  it('P13: stay in an interactive transaction', async () => {
    const { db, since } = await labelled();
    const rolledBack = db.$transaction(async (tx) => {
      await tx.user.update({ where: { id: 'ada' }, data: { fullName: 'Ada' } });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await db.$transaction((tx) => tx.user.update({ where: { id: 'bob' }, data: { fullName: 'Bob' } }));
    expect(await since()).toMatchObject([{ target: { id: 'bob' }, operation: 'User.update' }]);
  });

  it('leave a call that nobody awaits unsent', async () => {
    const { db, since } = await labelled();
    void db.user.delete({ where: { id: 'eve' } });
    expect(await db.user.count()).toBe(3);
    expect(await since()).toEqual([]);
  });
});

describe('reading', () => {
  it('is not recorded unless it is asked for', async () => {
    const { db, since } = await labelled();
    await db.user.findUnique({ where: { id: 'ada' } });
    await db.user.findMany();
    expect(await since()).toEqual([]);
  });

  it('P17: is charged to the one who read, also when Prisma merges the calls of several into one statement', async () => {
    const { db, since } = await labelled({ reads: ['User'] });
    const names = ['ada', 'bob', 'eve'];
    await Promise.all(
      names.map((id) =>
        audit.run({ actor: { type: 'user', id } }, () => db.user.findUnique({ where: { id } })),
      ),
    );
    const events = await since();
    expect(events.map(({ actor, target }) => `${actor.id} read ${target?.id}`).toSorted()).toEqual([
      'ada read ada',
      'bob read bob',
      'eve read eve',
    ]);
    expect(events[0]).toMatchObject({ action: 'READ', source: 'read', operation: 'User.findUnique' });
  });

  it('of nothing, and counting, records nothing', async () => {
    const { db, since } = await labelled({ reads: true });
    expect(await db.user.findUnique({ where: { id: 'nobody' } })).toBeNull();
    await db.user.count();
    expect(await since()).toEqual([]);
  });

  it('P27: of many is a list, or a search, with their number and their ids', async () => {
    const { db, since } = await labelled({ reads: true });
    await db.user.findMany({ orderBy: { id: 'asc' } });
    await db.user.findMany({ where: { email: { startsWith: 'b' } } });
    expect(await since()).toMatchObject([
      { action: 'LIST', target: { type: 'User' }, metadata: { count: 3, ids: ['ada', 'bob', 'eve'] } },
      { action: 'SEARCH', target: { type: 'User' }, metadata: { count: 1, ids: ['bob'] } },
    ]);
  });

  it('P27: of very many keeps the full count and the first five hundred ids', async () => {
    const rows = Array.from({ length: 600 }, (_, n) => ({ label: `tag ${n}`, color: 'blue' }));
    await client.tag.createMany({ data: rows });
    const { db, since } = await labelled({ reads: ['Tag'] });
    await db.tag.findMany({ orderBy: { id: 'asc' } });
    const [event] = await since();
    expect(event?.metadata?.['count']).toBe(600);
    expect(event?.metadata?.['ids']).toHaveLength(500);
  });

  it('of a model with a key of its own is recorded under that key, which need not be selected', async () => {
    const { db, since } = await labelled({
      reads: { TreatmentPlanItem: ['planId', 'position'], User: ['email'] },
    });
    await client.treatmentPlan.create({ data: { ...PLAN, items: { create: [ITEM] } } });
    const key = { planId: PLAN.id, position: 1 };
    await db.treatmentPlanItem.findUnique({ where: { planId_position: key }, select: { description: true } });
    await db.user.findUnique({ where: { email: 'ada@clinic.example' }, select: { fullName: true } });
    const read = (await since()).filter(({ action }) => action === 'READ');
    expect(read.map(({ target }) => target?.id)).toEqual(['["plan-1",1]', 'ada@clinic.example']);
  });
});
