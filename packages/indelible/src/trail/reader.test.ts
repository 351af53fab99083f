import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { idAt, someEntries, someEntry } from '../../test/entries.js';
import { openSqliteAudit, type SqliteAudit } from '../../test/sqlite-audit.js';
import { removeTemporaryFolders } from '../../test/test-trail.js';
import type { Entry } from '../event/entry.js';
import type { AuditEvent } from '../event/event.js';
import { createAudit } from '../index.js';
import { createMemoryStore } from '../memory.js';
import type { EventQuery } from '../stores/query.js';
import { pageStatement } from '../stores/sql/statements.js';
import { DIALECT } from '../stores/sqlite/dialect.js';
import { answerTo } from '../testing/contract/oracle.js';
import { clinicLife } from '../testing/contract/sample.js';
import { type EventFilter, parseFilter } from './filter.js';
import { ContextStack } from './context.js';
import { settingsOf } from './options.js';
import { type EventPage, TrailReader } from './reader.js';

const LIFE = clinicLife('clinic', 600, 9);
const DEFAULTS = { tenantId: 'clinic', timeZone: 'UTC', now: Date.now() };

let trail: SqliteAudit;

beforeAll(async () => {
  // Enough for exact counts on a busy machine, too; the budget has a test of its own.
  trail = openSqliteAudit({ countBudgetMs: 10_000 });
  await trail.append(LIFE);
});
afterAll(async () => {
  await trail.close();
  removeTemporaryFolders();
});

function inClinic<T>(fn: () => T, tenantId = 'clinic'): T {
  return trail.audit.run({ tenantId }, fn);
}

const find = (filter?: EventFilter): Promise<EventPage> => inClinic(() => trail.audit.find(filter));
const idsOf = (events: readonly Pick<AuditEvent, 'id'>[]): string[] => events.map(({ id }) => id);

async function drain(events: AsyncIterable<AuditEvent>): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** Every page from the first on; something may happen after each. */
async function pages(
  filter: EventFilter,
  between: () => Promise<void> = async () => undefined,
): Promise<EventPage[]> {
  const found = [await trail.audit.find(filter)];
  for (let cursor = found[0]?.next ?? null; cursor !== null; cursor = found.at(-1)?.next ?? null) {
    await between();
    found.push(await trail.audit.find({ ...filter, cursor }));
  }
  return found;
}

/** The pages before one, in the order they stand in. */
async function pagesBefore(filter: EventFilter, page: EventPage | undefined): Promise<EventPage[]> {
  const found: EventPage[] = [];
  for (let cursor = page?.previous ?? null; cursor !== null; cursor = found[0]?.previous ?? null)
    found.unshift(await trail.audit.find({ ...filter, cursor }));
  return found;
}

/** The ids that hold for a filter, by looking at every entry. */
function expected(filter: EventFilter, entries: readonly Entry[] = LIFE): string[] {
  return answerTo(parseFilter(filter, DEFAULTS), entries);
}

describe('find', () => {
  it('gives what was recorded, as it was recorded', async () => {
    const id = await inClinic(
      () =>
        trail.audit.record({
          action: 'UPDATE',
          actor: { type: 'user', id: '3', username: 'ada', email: 'ada@clinic.example', role: 'dentist' },
          target: { type: 'Appointment', id: '91', label: 'Zoë, 9 o’clock' },
          subjectId: '42',
          before: { status: 'booked', room: 1 },
          after: { status: 'completed', room: 1 },
          request: { method: 'PATCH', path: '/api/appointments/91/', ip: '192.0.2.7', statusCode: 200 },
          reason: 'treatment done',
        }),
      'as recorded',
    );
    await trail.audit.flush();
    const page = await trail.audit.find({ tenantId: 'as recorded' });
    expect(page).toMatchObject({ next: null, previous: null, count: 1, countIsExact: true });
    expect(page.events).toMatchObject([
      {
        id,
        action: 'UPDATE',
        outcome: 'success',
        actor: { type: 'user', id: '3', username: 'ada', email: 'ada@clinic.example', role: 'dentist' },
        tenantId: 'as recorded',
        target: { type: 'Appointment', id: '91', label: 'Zoë, 9 o’clock' },
        subjectId: '42',
        changes: { status: { old: 'booked', new: 'completed' } },
        changedFields: ['status'],
        request: { method: 'PATCH', path: '/api/appointments/91/', ip: '192.0.2.7', statusCode: 200 },
        reason: 'treatment done',
        erased: false,
      },
    ]);
    const again = await trail.audit.get(id ?? '', { tenantId: 'as recorded' });
    expect(again).toEqual(page.events[0]);
    for (const filter of [
      { user: 'ADA@clinic' },
      { ipAddress: '192.0.2.7' },
      { search: 'zoë' },
      { role: 'dentist' },
    ])
      expect((await trail.audit.find({ ...filter, tenantId: 'as recorded' })).count).toBe(1);
  });

  it('gives the newest fifty first, and how many there are', async () => {
    const page = await find();
    expect(idsOf(page.events)).toEqual(expected({}).slice(0, 50));
    expect(page).toMatchObject({ previous: null, count: LIFE.length, countIsExact: true });
    expect(page.next).toMatch(/^[\w-]+$/);
  });

  it('gives an empty page where nothing matches', async () => {
    expect(await find({ actorId: 'nobody' })).toEqual({
      events: [],
      next: null,
      previous: null,
      count: 0,
      countIsExact: true,
    });
  });

  it('rejects for a filter that is wrong, and never throws', async () => {
    for (const filter of [{ pageSize: -1 }, { nonsense: 1 }, null, { model: 7 }] as EventFilter[])
      await expect(find(filter)).rejects.toMatchObject({ code: 'INVALID_FILTER' });
    await expect(find({ cursor: 'forged' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it.each([
    ["'; DROP TABLE indelible_event; --", 0],
    ['%', 0],
    ['_', 0],
    ['100%_real', 1],
    ['*', 0],
    ['a*b?c[d]', 1],
    ['(a+)+$', 0],
    ['"clinic" OR "a"', 0],
    ['\\', 0],
  ])('BAD-INPUT: searches for %j as for any text', async (search, atLeast) => {
    const filter = { search, pageSize: 500 };
    const page = await find(filter);
    expect(idsOf(page.events)).toEqual(expected(filter).slice(0, 500));
    expect(page.events.length >= atLeast).toBe(true);
    const { events } = await find({ user: search, pageSize: 500 });
    expect(idsOf(events)).toEqual(expected({ user: search }).slice(0, 500));
  });
});

describe('paging', () => {
  it.each(['-timestamp', 'timestamp', 'actor', '-actor', 'action', '-action'])(
    'goes through everything and back by %s, without loss or repeat',
    async (ordering) => {
      const filter = { ordering, pageSize: 47, tenantId: 'clinic' };
      const forward = await pages(filter);
      expect(idsOf(forward.flatMap(({ events }) => events))).toEqual(expected(filter));
      expect(forward.every(({ events }) => events.length <= 47)).toBe(true);
      expect(forward[0]?.previous).toBeNull();
      const back = await pagesBefore(filter, forward.at(-1));
      const all = [...back, ...forward.slice(-1)].flatMap(({ events }) => events);
      expect(idsOf(all)).toEqual(expected(filter));
      expect(back[0]?.previous).toBeNull();
    },
  );

  it('newest first loses and repeats nothing while events arrive, and shows them on the way back', async () => {
    const tenantId = 'arriving newest first';
    const there = clinicLife(tenantId, 130, 3);
    const arrived: Entry[] = [];
    await trail.append(there);
    const filter = { tenantId, pageSize: 9 };
    const forward = await pages(filter, async () => {
      const two = someEntries(2, () => ({ core: { tenant_id: tenantId } }));
      arrived.push(...two);
      await trail.append(two);
    });
    expect(arrived.length).toBeGreaterThan(20);
    expect(idsOf(forward.flatMap(({ events }) => events))).toEqual(expected(filter, there));
    const back = await pagesBefore(filter, forward.at(-1));
    const all = [...back, ...forward.slice(-1)].flatMap(({ events }) => events);
    expect(idsOf(all)).toEqual(expected(filter, [...there, ...arrived]));
  });

  it('oldest first meets what arrives meanwhile at its end', async () => {
    const tenantId = 'arriving oldest first';
    const entries = clinicLife(tenantId, 60, 4);
    await trail.append(entries);
    const filter = { tenantId, pageSize: 9, ordering: 'timestamp' };
    const forward = await pages(filter, async () => {
      if (entries.length >= 75) return;
      const three = someEntries(3, () => ({ core: { tenant_id: tenantId } }));
      entries.push(...three);
      await trail.append(three);
    });
    expect(entries.length).toBe(75);
    expect(idsOf(forward.flatMap(({ events }) => events))).toEqual(expected(filter, entries));
  });

  it('may change the size of its pages on the way', async () => {
    const first = await find({ pageSize: 10 });
    const second = await find({ pageSize: 100, cursor: first.next ?? '' });
    expect(idsOf(second.events)).toEqual(expected({}).slice(10, 110));
  });

  it('refuses a cursor of another question', async () => {
    const { next } = await find({ model: 'Patient', pageSize: 5 });
    for (const filter of [{}, { model: 'Invoice' }, { model: 'Patient', ordering: 'timestamp' }])
      await expect(find({ ...filter, cursor: next ?? '' })).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });
});

describe('stream', () => {
  const FILTERS: readonly EventFilter[] = [
    {},
    { actorId: 'u1' },
    { user: 'lovelace' },
    { user: 'zo' },
    { action: 'read,login_failed' },
    { model: 'Patient', action: ['UPDATE', 'DELETE'] },
    { objectId: '7' },
    { subjectId: 's3' },
    { role: 'dentist', outcome: 'denied' },
    { source: 'auth', ipAddress: '10.0.0.1' },
    { startDate: '2026-03-01', endDate: '2026-03-01', timeZone: 'Asia/Kolkata' },
    { startDate: '2026-03-01T00:10:00Z', endDate: '2026-03-01T00:20:00+00:00' },
    { search: 'smile' },
    { search: 's3' },
    { search: 'finn', subjectId: 's5' },
    { ordering: 'timestamp', model: 'Invoice' },
    { ordering: 'actor' },
    { ordering: '-action', role: 'owner' },
  ];

  it.each(FILTERS)(
    'P45: yields what paging through find shows for %j, and both what holds',
    async (filter) => {
      const asked = { ...filter, tenantId: 'clinic' };
      const streamed = await drain(trail.audit.stream(asked));
      const paged = await pages({ ...asked, pageSize: 41 });
      expect(streamed).toEqual(paged.flatMap(({ events }) => events));
      expect(idsOf(streamed)).toEqual(expected(filter));
      expect(streamed.length).toBeGreaterThan(0);
      for (const page of paged) expect(page).toMatchObject({ count: streamed.length, countIsExact: true });
    },
  );

  it('P45: takes the address of a page as it is: its size and its cursor do not matter', async () => {
    const filter = { model: 'Patient', pageSize: 5 };
    const { next } = await find(filter);
    const streamed = await inClinic(() =>
      drain(trail.audit.stream({ ...filter, cursor: next ?? '' } as object)),
    );
    expect(idsOf(streamed)).toEqual(expected({ model: 'Patient' }));
  });

  it('P45: rejects for a filter that is wrong with the first event that is asked for', async () => {
    const stream = trail.audit.stream({ patient: '42' } as object);
    await expect(stream.next()).rejects.toMatchObject({ code: 'INVALID_FILTER' });
  });

  it('P47: is of the tenant it was opened in, wherever it is read', async () => {
    const opened = inClinic(() => trail.audit.stream({ actorId: 'u1' }));
    const read = await inClinic(
      () => drain(Readable.from(opened) as AsyncIterable<AuditEvent>),
      'somebody else',
    );
    expect(idsOf(read)).toEqual(expected({ actorId: 'u1' }));
  });

  it('goes on from page to page while events arrive, and can be left', async () => {
    let seen = 0;
    for await (const event of trail.audit.stream({ tenantId: 'clinic' })) {
      expect(event.tenantId).toBe('clinic');
      if ((seen += 1) === 120) break;
    }
    expect(seen).toBe(120);
  });
});

describe('get', () => {
  it('gives one event of the tenant, and null for anything else', async () => {
    const [{ core }] = LIFE as [Entry];
    const get = (id: unknown, tenantId = 'clinic'): Promise<AuditEvent | null> =>
      inClinic(() => trail.audit.get(id as string), tenantId);
    expect(await get(core.id)).toMatchObject({ id: core.id, action: core.action });
    expect(await get(idAt('2020-01-01T00:00:00Z'))).toBeNull();
    for (const none of [
      '',
      'x',
      "' OR 1=1",
      core.id.toUpperCase(),
      7,
      null,
      undefined,
      [core.id],
      'x'.repeat(1e6),
    ])
      expect(await get(none)).toBeNull();
  });

  it('refuses a scope that is none, so that no filter is taken for heard', async () => {
    await expect(trail.audit.get('x', { model: 'Patient' } as object)).rejects.toMatchObject({
      code: 'INVALID_FILTER',
    });
  });
});

describe('tenants', () => {
  const [ours, theirs] = [someEntry({ core: { tenant_id: 'A' } }), someEntry({ core: { tenant_id: 'B' } })];
  const nobodys = someEntry({ core: { target: { type: 'Only', id: '1' } } });

  beforeAll(() => trail.append([ours, theirs, nobodys]));

  it('P47: are told apart by the context, in every way of reading', async () => {
    const { audit } = trail;
    const { id } = theirs.core;
    const own = await inClinic(
      async () => ({
        find: (await audit.find()).events,
        search: (await audit.find({ search: id })).events,
        stream: await drain(audit.stream()),
        activity: (await audit.activity('u1')).events,
        get: await audit.get(id),
        count: (await audit.find()).count,
        total: (await audit.summarize()).total,
      }),
      'A',
    );
    expect([own.find, own.stream, own.activity].map(idsOf)).toEqual([
      [ours.core.id],
      [ours.core.id],
      [ours.core.id],
    ]);
    expect([own.search, own.get, own.count, own.total]).toEqual([[], null, 1, 1]);
  });

  it('P47: outside any tenant are not shown, and nor is what is outside shown in one', async () => {
    expect((await trail.audit.find({ model: 'Only' })).count).toBe(1);
    expect((await trail.audit.find({ search: ours.core.id })).events).toEqual([]);
    expect(await trail.audit.get(ours.core.id)).toBeNull();
    expect((await inClinic(() => trail.audit.find({ model: 'Only' }), 'A')).count).toBe(0);
  });

  it('P47: are left behind by name, and all of them with null', async () => {
    const { audit } = trail;
    await inClinic(async () => {
      expect((await audit.get(theirs.core.id, { tenantId: 'B' }))?.tenantId).toBe('B');
      expect((await audit.get(theirs.core.id, { tenantId: null }))?.tenantId).toBe('B');
      expect(idsOf((await audit.find({ tenantId: 'B' })).events)).toEqual([theirs.core.id]);
    }, 'A');
    const since = new Date(Date.now() - 3_600_000);
    const all = await drain(audit.stream({ tenantId: null, startDate: since, actorId: 'u1' }));
    expect(idsOf(all)).toEqual(expect.arrayContaining([ours, theirs, nobodys].map(({ core }) => core.id)));
    const everywhere = await audit.find({ tenantId: null, pageSize: 1 });
    expect(everywhere.count).toBeGreaterThan(LIFE.length + 3);
  });

  it('P47: cannot carry a cursor to one another', async () => {
    const { next } = await find({ pageSize: 5 });
    await expect(
      inClinic(() => trail.audit.find({ pageSize: 5, cursor: next ?? '' }), 'A'),
    ).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('are found under the names they were recorded by, numbers and the longest too', async () => {
    for (const tenantId of [42, 'x'.repeat(700)] as string[]) {
      const target = { type: 'Patient', id: 'y'.repeat(400) };
      const found = await inClinic(async () => {
        await trail.audit.record({ action: 'READ', target });
        await trail.audit.flush();
        return trail.audit.history(target);
      }, tenantId);
      expect(found.count).toBe(1);
    }
  });
});

describe('a record, an actor, a subject', () => {
  /** The record of the clinic that most events are about. */
  function mostTouched(): { readonly type: string; readonly id: string } {
    const keys = LIFE.flatMap(({ core: { target } }) =>
      target?.id === undefined ? [] : [{ ...target, id: target.id }],
    );
    const times = (key: { type: string; id: string }): number =>
      expected({ model: key.type, objectId: key.id }).length;
    return keys.reduce((most, key) => (times(key) > times(most) ? key : most));
  }

  it('have each their own history, which a filter narrows', async () => {
    const target = mostTouched();
    const asked = { model: target.type, objectId: target.id };
    await inClinic(async () => {
      const history = await trail.audit.history(target, { pageSize: 500 });
      expect(idsOf(history.events)).toEqual(expected(asked));
      expect(history.events.length).toBeGreaterThan(3);
      const narrow = await trail.audit.history(target, { outcome: 'success', ordering: 'timestamp' });
      expect(idsOf(narrow.events)).toEqual(expected({ ...asked, outcome: 'success', ordering: 'timestamp' }));
      const activity = await trail.audit.activity('u2', { action: 'read', pageSize: 500 });
      expect(idsOf(activity.events)).toEqual(expected({ actorId: 'u2', action: 'read' }));
      const subject = await trail.audit.subject('s5', { pageSize: 500 });
      expect(idsOf(subject.events)).toEqual(expected({ subjectId: 's5' }));
    });
  });

  it('are not exchanged for others by what a filter says', async () => {
    const activity = await inClinic(() => trail.audit.activity('u2', { actorId: 'u1', pageSize: 500 }));
    expect(activity.count).toBeGreaterThan(0);
    expect(new Set(activity.events.map(({ actor }) => actor.id))).toEqual(new Set(['u2']));
    const { type, id } = mostTouched();
    const history = await inClinic(() =>
      trail.audit.history({ type, id }, { objectId: 'another', model: 'Other' }),
    );
    expect(new Set(history.events.map(({ target }) => `${target?.type} ${target?.id}`))).toEqual(
      new Set([`${type} ${id}`]),
    );
  });

  it('lead on to their next pages', async () => {
    await inClinic(async () => {
      const first = await trail.audit.subject('s5', { pageSize: 3 });
      const second = await trail.audit.subject('s5', { pageSize: 3, cursor: first.next ?? '' });
      expect(idsOf([...first.events, ...second.events])).toEqual(expected({ subjectId: 's5' }).slice(0, 6));
      await expect(trail.audit.subject('s6', { cursor: first.next ?? '' })).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
    });
  });

  it.each([undefined, null, '', 7, {}, '\0'])(
    'BAD-INPUT: are not everybody when the id is %j',
    async (id) => {
      const { audit } = trail;
      for (const asked of [() => audit.activity(id as string), () => audit.subject(id as string)])
        await expect(asked()).rejects.toMatchObject({
          code: 'INVALID_FILTER',
          message: expect.stringMatching(/^The filter (actorId|subjectId) (is|holds) /),
        });
    },
  );
});

describe('summarize', () => {
  const DAY_MS = 86_400_000;
  const at = (daysAgo: number, n: number, core: object): Entry =>
    someEntry({
      core: {
        tenant_id: 'sums',
        id: idAt(new Date(Date.now() - daysAgo * DAY_MS).toISOString(), n),
        ...core,
      },
      search: { role: n % 2 === 0 ? 'dentist' : 'owner' },
    });

  beforeAll(() =>
    trail.append([
      at(0, 0, { action: 'READ', target: { type: 'Patient' } }),
      at(0, 1, { action: 'READ', outcome: 'denied' }),
      at(3, 2, { action: 'UPDATE', actor: { type: 'user', id: 'u2' } }),
      at(40, 3, { action: 'DELETE' }),
    ]),
  );

  it('adds up the last thirty days, each with its date', async () => {
    const summary = await inClinic(() => trail.audit.summarize(), 'sums');
    expect(summary).toMatchObject({
      total: 3,
      byAction: { READ: 2, UPDATE: 1 },
      byRole: { dentist: 2, owner: 1 },
      byModel: { Patient: 1 },
      byOutcome: { success: 2, denied: 1 },
      byActor: [
        { id: 'u1', count: 2 },
        { id: 'u2', count: 1 },
      ],
    });
    expect(summary.perDay).toHaveLength(30);
    expect(summary.perDay.at(-1)?.day).toBe(new Date().toISOString().slice(0, 10));
    expect(summary.perDay.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('adds up as many days as are asked for', async () => {
    const { perDay, total } = await trail.audit.summarize({ tenantId: 'sums', days: 60 });
    expect([perDay.length, total]).toEqual([60, 4]);
    expect((await trail.audit.summarize({ tenantId: 'sums', days: 2 })).total).toBe(2);
  });

  it('BAD-INPUT: refuses what it cannot add up by, with a rejection', async () => {
    for (const request of [{ timeZone: 'Mars/Olympus' }, { days: 1e9 }, { model: 'Patient' }, null, 'x'])
      await expect(trail.audit.summarize(request as object)).rejects.toMatchObject({
        code: 'INVALID_FILTER',
      });
    expect((await trail.audit.summarize({ tenantId: 'sums', timeZone: '' })).perDay).toHaveLength(30);
  });
});

describe('many events', () => {
  const MANY = 20_000;
  const SORTABLE = 10_000;
  let midway: string;

  beforeAll(async () => {
    const entries = someEntries(MANY, light);
    await trail.append(entries);
    await trail.append(someEntries(SORTABLE, () => ({ core: { tenant_id: 'just enough' } })));
    midway = new Date(
      Number.parseInt((entries[MANY / 2]?.core.id ?? '').replace('-', '').slice(0, 12), 16),
    ).toISOString();
  });

  it('are ordered by actor or action up to ten thousand', async () => {
    const tenantId = 'just enough';
    expect((await trail.audit.find({ tenantId, ordering: 'actor', pageSize: 3 })).count).toBe(SORTABLE);
    await trail.append([someEntry({ core: { tenant_id: tenantId } })]);
    await expect(trail.audit.find({ tenantId, ordering: 'actor' })).rejects.toMatchObject({
      code: 'ORDERING_TOO_BROAD',
      message: expect.stringMatching(
        /^(10001|Too many) events match, .* ordered by actor; narrow .* or order by timestamp/,
      ),
    });
    await expect(trail.audit.stream({ tenantId, ordering: '-actor' }).next()).rejects.toMatchObject({
      code: 'ORDERING_TOO_BROAD',
    });
  });

  it('are not ordered when counting them takes too long', async () => {
    const store = Object.assign(createMemoryStore(), { count: async () => null });
    const audit = createAudit({ store, spool: false, log: () => undefined });
    await expect(audit.find({ ordering: 'actor' })).rejects.toMatchObject({
      code: 'ORDERING_TOO_BROAD',
      message: expect.stringContaining('Too many events match'),
    });
    expect(await audit.find({ ordering: 'timestamp' })).toMatchObject({ count: null, countIsExact: false });
    await audit.close();
  });

  it('are ordered once they are narrowed, or by time, as the refusal says', async () => {
    const broad = { tenantId: 'many', pageSize: 3 };
    await expect(trail.audit.find({ ...broad, ordering: 'actor' })).rejects.toThrow('narrow the filter');
    const narrow = { ...broad, startDate: midway, role: 'role3' };
    const { events, count } = await trail.audit.find({ ...narrow, ordering: 'actor' });
    expect(count).toBeLessThan(SORTABLE);
    expect(events.map(({ target }) => target?.id)).toHaveLength(3);
    expect((await trail.audit.find({ ...broad, ordering: 'timestamp' })).events).toHaveLength(3);
  });

  it('are ordered by action without a bound where nothing else is asked, which has an index', async () => {
    const { events } = await trail.audit.find({ tenantId: 'many', ordering: 'action', pageSize: 2 });
    expect(events.map(({ action }) => action)).toEqual(['ACT_0', 'ACT_0']);
    for (const filter of [{ tenantId: null }, { tenantId: 'many', outcome: 'success' }] as const)
      await expect(trail.audit.find({ ...filter, ordering: 'action' })).rejects.toMatchObject({
        code: 'ORDERING_TOO_BROAD',
      });
  });

  it('P41: are not counted beyond the budget, and then the count is null and the page is there', async () => {
    const hurried = openSqliteAudit({ countBudgetMs: 0.001 }, trail.path);
    try {
      const page = await hurried.audit.find({ tenantId: 'many' });
      expect(page).toMatchObject({ count: null, countIsExact: false });
      expect(page.events).toHaveLength(50);
      expect(page.next).not.toBeNull();
      const sorted = await hurried.audit.find({ tenantId: 'clinic', ordering: 'actor', pageSize: 1 });
      expect(sorted).toMatchObject({ count: LIFE.length, countIsExact: true });
      expect(hurried.errors).toEqual([]);
    } finally {
      await hurried.close();
    }
  });

  it.each<EventFilter>([
    {},
    { actorId: 'u7' },
    { action: 'act_3' },
    { model: 'Model5' },
    { objectId: '77' },
    { subjectId: 's9' },
    { role: 'role3' },
    { outcome: 'denied' },
    { outcome: 'success' },
    { source: 'read' },
    { ipAddress: '10.0.0.3' },
    { startDate: '2026-01-01' },
    { endDate: '2099-01-01' },
    { days: 7 },
    { action: ['act_1', 'act_2'] },
    { ordering: 'action' },
    { ordering: 'timestamp' },
  ])('P41: answer the first page of %j from an index, and sort no more than a page', async (filter) => {
    const query = parseFilter({ ...filter, tenantId: 'many' }, DEFAULTS);
    const steps = plan(query);
    expect(steps.filter((step) => /indelible_event\b/.test(step)).length).toBeGreaterThan(0);
    expect(steps.filter((step) => step.startsWith('SCAN indelible_event'))).toEqual([]);
    expect(steps.filter((step, i) => step.includes('TEMP B-TREE') && steps[i - 1] !== 'SCAN page')).toEqual(
      [],
    );
    const { events } = await trail.audit.find({ ...filter, tenantId: 'many' });
    expect(events).toHaveLength(50);
  });

  it.each<EventFilter>([{ user: 'person 11' }, { search: 'label 17' }])(
    'P41: answer the first page of %j from the index of texts',
    (filter) => {
      const steps = plan(parseFilter({ ...filter, tenantId: 'many' }, DEFAULTS));
      expect(
        steps.filter((step) => step.startsWith('SCAN indelible_event_search VIRTUAL TABLE')),
      ).not.toEqual([]);
      expect(steps.filter((step) => /^SCAN indelible_event($| )/.test(step))).toEqual([]);
    },
  );

  function plan(query: EventQuery): string[] {
    const { sql, parameters } = pageStatement(DIALECT, query);
    return trail.raw(`EXPLAIN QUERY PLAN ${sql}`, ...parameters).map(({ detail }) => String(detail));
  }
});

/** An event with something to find it by in every column, and not much more. */
function light(n: number): Parameters<typeof someEntry>[0] & object {
  return {
    core: {
      tenant_id: 'many',
      action: `ACT_${n % 10}`,
      outcome: n % 50 === 0 ? 'denied' : 'success',
      actor: { type: 'user', id: `u${n % 40}` },
      target: { type: `Model${n % 8}`, id: `${n % 200}` },
      subject_id: `s${n % 100}`,
    },
    search: {
      role: `role${n % 5}`,
      ip: `10.0.0.${n % 9}`,
      actorText: `person ${n % 40}`,
      text: `label ${n % 30}`,
    },
  };
}

describe('what is counted of a trail', () => {
  it('is told for each facet that is asked for, among what matches', async () => {
    const own = openSqliteAudit();
    const entries = someEntries(30, (n) => ({
      core: { action: n % 3 === 0 ? 'UPDATE' : 'READ', tenant_id: n < 20 ? 'south' : 'north' },
    }));
    await own.append(entries);
    const reader = new TrailReader(settingsOf({ store: own.store }), new ContextStack(() => undefined));
    expect(await reader.facets({ tenantId: 'south' }, { facets: ['action'] })).toEqual({
      values: {
        action: [
          { value: 'READ', count: 13 },
          { value: 'UPDATE', count: 7 },
        ],
      },
      among: 20,
      isAll: true,
    });
    expect(
      await reader.facets({ tenantId: 'north' }, { facets: ['action'], among: 4, top: 1 }),
    ).toMatchObject({
      among: 5,
      isAll: false,
    });
    await expect(reader.facets({}, { facets: ['name' as 'action'] })).rejects.toMatchObject({
      code: 'INVALID_FILTER',
    });
    const { interval, stretches } = await reader.histogram({ action: 'READ', tenantId: 'south' }, 'day');
    expect([interval, stretches.reduce((sum, { count }) => sum + count, 0)]).toEqual(['day', 13]);
    await own.close();
  });
});
