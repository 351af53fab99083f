import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { forged, idAt, someEntries, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import type { Entry } from '../../event/entry.js';

/** One size for each way in: the INSERT of a few, and the COPY of many. */
const SIZES = [1, 63, 64, 700];

const NASTY = [
  'tab\there',
  'line\nfeed',
  'carriage\rreturn',
  '\r\n',
  'back\\slash',
  '\\',
  '\\\\',
  '\\N',
  '\\.',
  '\\t',
  "it's",
  '"quoted"',
  '$1',
  '%_',
  '{a,b}',
  '(1,2)',
  'NULL',
  ' ',
  '',
  '\u{1F9B7} tooth',
  'Ünïcödé ﬁ',
  '\u2028\u2029',
  '\u0001\b\f\v',
  '\u{10FFFF}',
  '; DROP TABLE indelible_event; --',
  'x'.repeat(100_000),
];

describe.each(postgresServers())('appending on $name', (server) => {
  let trail: PostgresTrail;

  beforeAll(async () => {
    trail = await openTrail(server);
  });
  afterAll(() => trail.close());

  async function stored(entries: readonly Entry[]): Promise<number> {
    const { rows } = await trail.client.query(
      `SELECT id::text, encode(payload_digest, 'hex') AS digest FROM indelible_event WHERE id = ANY($1)`,
      [entries.map(({ core }) => core.id)],
    );
    const digests = new Map(rows.map(({ id, digest }) => [id, digest]));
    return entries.filter(({ core }) => digests.get(core.id) === core.payload_digest).length;
  }

  it.each(SIZES)('stores %i entries, and stores them once however often they come', async (size) => {
    const entries = someEntries(size);
    for (let time = 0; time < 3; time += 1)
      expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
    expect(await stored(entries)).toBe(size);
  });

  it.each(SIZES)(
    'keeps what was there first among %i entries, stores the others and names the conflict',
    async (size) => {
      const entries = someEntries(size);
      const first = entries.slice(0, 1);
      const rest = entries.slice(1);
      await trail.store.append(first);
      expect(await trail.store.append([...first.map(forged), ...rest])).toEqual({
        conflicts: first.map(({ core }) => core.id),
      });
      expect(await stored(entries)).toBe(size);
    },
  );

  it.each([2, 64])(
    'P26: keeps all of %i edits that are alike but for their ids, made in one millisecond',
    async (size) => {
      const moment = new Date().toISOString();
      const edits = someEntries(size, (n) => ({
        core: { id: idAt(moment, size * 1_000 + n), tenant_id: `twins${size}` },
        payload: {},
      }));
      await trail.store.append(edits);
      expect(await stored(edits)).toBe(size);
    },
  );

  it('stores 10,000 entries of a large body, half of which are there already', async () => {
    const entries = someEntries(10_000, (n) => ({ payload: { text: `${n}`.repeat(400) } }));
    await trail.store.append(entries.slice(0, 5_000));
    expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
    expect(await stored(entries)).toBe(10_000);
  });

  it('tells several conflicts, each once, and one between two entries of the same append', async () => {
    const entries = someEntries(3);
    await trail.store.append(entries.slice(0, 2));
    const { conflicts } = await trail.store.append([...entries.map(forged), ...entries]);
    expect(conflicts.toSorted()).toEqual(entries.map(({ core }) => core.id).toSorted());
  });

  it('gives every column back as it was given, whatever stands in it, by either way in', async () => {
    const entries = NASTY.map((text) =>
      someEntry({
        core: {
          actor: { type: 'user', id: `a${text}`.slice(0, 200) },
          target: { type: 'T', id: text.slice(0, 200) },
        },
        payload: { text, [text]: [text, null, 1, true] },
        search: { actorText: text, text: `${text}.`, role: text.slice(0, 64), ip: text.slice(0, 64) },
      }),
    );
    const few = entries.slice(0, 20);
    const many = [...entries.slice(20), ...someEntries(64)];
    for (const batch of [few, many]) await trail.store.append(batch);
    for (const entry of entries)
      expect(await trail.store.get(entry.core.id, null)).toEqual({
        ...entry,
        recordedAt: expect.any(String),
      });
  });

  it.each([1, 64])('tells absent from empty, and gives back numbers and ids (%i at a time)', async (size) => {
    const bare = someEntries(size, () => ({ core: { actor: { type: 'anonymous' } } }));
    const full = someEntries(size, (n) => ({
      core: {
        outcome: 'error',
        source: 'system',
        actor: { type: 'service', id: 'cron' },
        tenant_id: 'acme',
        target: { type: 'User' },
        subject_id: 'p1',
        process: { id: 'boot', n: Number.MAX_SAFE_INTEGER - n },
        count: 2 ** 40,
      },
      search: { role: '', ip: '203.0.113.7' },
    }));
    for (const entry of [...bare, ...full]) {
      await trail.store.append(size === 1 ? [entry] : [entry, ...someEntries(63)]);
      expect(await trail.store.get(entry.core.id, null)).toEqual({
        ...entry,
        recordedAt: expect.any(String),
      });
      const { rows } = await trail.client.query(
        'SELECT role, process_n, count, actor_id, tenant_id FROM indelible_event WHERE id = $1',
        [entry.core.id],
      );
      expect(rows).toEqual([
        size > 0 && bare.includes(entry)
          ? { role: null, process_n: null, count: null, actor_id: null, tenant_id: '' }
          : {
              role: '',
              process_n: String(entry.core.process?.n),
              count: String(2 ** 40),
              actor_id: 'cron',
              tenant_id: 'acme',
            },
      ]);
    }
  });

  it.each([1, 64])('replaces half a character in a copy for searching (%i at a time)', async (size) => {
    const halves = { actorText: 'a\ud83d', text: '\udc00b \\ud83d', subjects: [`half\ud83d${size}`] };
    const entries = someEntries(size, () => ({ search: halves }));
    expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
    const found = await trail.store.get(entries[0]?.core.id ?? '', null);
    expect(found?.search).toEqual({ actorText: 'a\ufffd', text: '\ufffdb \\ud83d' });
    const subjects = 'SELECT count(*)::int FROM indelible_event_subject WHERE subject_id = $1';
    expect((await trail.client.query(subjects, [`half\ufffd${size}`])).rows).toEqual([{ count: size }]);
  });

  it('keeps an entry whose payload was erased before it was stored', async () => {
    const entry: Entry = { ...someEntry(), payload: null, salt: null };
    await trail.store.append([entry]);
    expect(await trail.store.get(entry.core.id, null)).toMatchObject({ payload: null, salt: null });
  });

  it.each([2, 64])(
    'writes the subjects of %i entries with them, and none of an entry in conflict',
    async (size) => {
      const subject = `s${size}`;
      const entries = someEntries(size, () => ({
        core: { tenant_id: 'acme' },
        search: { subjects: [subject, "o'brien\\", subject] },
      }));
      const first = entries.slice(0, 1);
      await trail.store.append(first);
      const hostile = first.map((entry) => forged({ ...entry, search: { subjects: ['somebody else'] } }));
      await trail.store.append([...hostile, ...entries.slice(1)]);
      const { rows } = await trail.client.query(
        `SELECT subject_id, count(*)::int FROM indelible_event_subject WHERE event_id = ANY($1) AND tenant_id = 'acme' GROUP BY 1 ORDER BY 1`,
        [entries.map(({ core }) => core.id)],
      );
      expect(rows).toEqual([
        { subject_id: "o'brien\\", count: size },
        { subject_id: subject, count: size },
      ]);
    },
  );

  const IMPOSSIBLE: Readonly<Record<string, Entry>> = {
    'a NUL': { ...someEntry(), search: { ip: 'a\0b' } },
    'an id that is none': { ...someEntry(), core: { ...someEntry().core, id: 'x' } },
    'a digest that is none': { ...someEntry(), core: { ...someEntry().core, payload_digest: 'ab' } },
    'a number beyond all bounds': { ...someEntry(), core: { ...someEntry().core, count: 1e30 } },
    'an action that is missing': { ...someEntry(), core: { ...someEntry().core, action: null as never } },
    'an id too long for an index': someEntry({
      core: { actor: { type: 'user', id: Array.from({ length: 2_000 }, () => Math.random()).join('') } },
    }),
    'an entry without a core': { payload: null, salt: null, search: {} } as never,
    'an entry without search columns': { ...someEntry(), search: undefined as never },
    'a core without an actor': { ...someEntry(), core: { ...someEntry().core, actor: undefined as never } },
  };

  it.each(Object.keys(IMPOSSIBLE).flatMap((name) => [3, 100].map((size) => [name, size] as const)))(
    'refuses %s for good, and stores nothing of the %i entries beside it',
    async (name, size) => {
      const subject = `beside ${name} ${size}`;
      const entries = someEntries(size, () => ({ search: { subjects: [subject] } }));
      const impossible = IMPOSSIBLE[name] ?? someEntry();
      await expect(trail.store.append([...entries, impossible])).rejects.toMatchObject({
        code: 'EVENT_REFUSED',
      });
      expect(await stored(entries)).toBe(0);
      const { rows } = await trail.client.query('SELECT FROM indelible_event_subject WHERE subject_id = $1', [
        subject,
      ]);
      expect(rows).toEqual([]);
      expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
    },
  );

  it('does not take it for the fault of an event when no partition is there for it', async () => {
    const own = await openTrail(server);
    await own.client.query('DROP TABLE indelible_event_default');
    const entry = someEntry({ core: { id: idAt('2001-01-01T00:00Z') } });
    await expect(own.store.append([entry])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await own.close();
  });

  it('takes appends of the same entries from many sides at once', async () => {
    const entries = someEntries(300);
    const attempts = Array.from({ length: 12 }, (_, n) =>
      trail.store.append(n % 2 === 0 ? entries : entries.toReversed()),
    );
    const results = await Promise.allSettled(attempts);
    for (const result of results)
      expect(result).toMatchObject({ status: 'fulfilled', value: { conflicts: [] } });
    expect(await stored(entries)).toBe(300);
  });

  it('sees a conflict with an append that has not been committed yet', async () => {
    const [entry = someEntry()] = someEntries(1, () => ({ search: { subjects: ['p7'] } }));
    const other = await trail.clientAs('GRANT INSERT ON indelible_event TO $role');
    await other.query(`BEGIN`);
    await other.query(
      `INSERT INTO indelible_event (id, v, action, outcome, source, actor_type, payload_digest) VALUES ($1, 1, 'READ', 'success', 'read', 'user', sha256('other'))`,
      [entry.core.id],
    );
    const appended = trail.store.append([entry]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.query('COMMIT');
    expect(await appended).toEqual({ conflicts: [entry.core.id] });
    const { rows } = await trail.client.query('SELECT FROM indelible_event_subject WHERE event_id = $1', [
      entry.core.id,
    ]);
    expect(rows).toEqual([]);
  });

  it('stores an event of any time, also where no month was made', async () => {
    const entries = ['1970-01-01', '2009-03-14T09:30Z', '2091-12-31T23:59:59.999Z'].map((time) =>
      someEntry({ core: { id: idAt(time) } }),
    );
    await trail.store.append(entries);
    expect(await stored(entries)).toBe(3);
    const { rows } = await trail.client.query(
      'SELECT count(*)::int FROM indelible_event_default WHERE id = ANY($1)',
      [entries.map(({ core }) => core.id)],
    );
    expect(rows).toEqual([{ count: 3 }]);
  });

  it('resolves for nothing to store', async () => {
    expect(await trail.store.append([])).toEqual({ conflicts: [] });
  });
});
