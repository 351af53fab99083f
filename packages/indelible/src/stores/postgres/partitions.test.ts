import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { idAt, someEntry } from '../../../test/entries.js';
import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';

describe.each(postgresServers())('partitions on $name', (server) => {
  let trail: PostgresTrail;

  beforeEach(async () => {
    trail = await openTrail(server);
  });
  afterEach(() => trail.close());

  async function homes(): Promise<object[]> {
    const { rows } = await trail.client.query(
      `SELECT id::text, xid::text, recorded_at::text, payload, tableoid::regclass::text AS home FROM indelible_event ORDER BY id`,
    );
    return rows;
  }

  async function months(): Promise<string[]> {
    const { rows } = await trail.client.query(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'indelible_event'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => String(name));
  }

  const make = (from: string, count: number): Promise<unknown> =>
    trail.client
      .query('SELECT indelible_make_partitions($1, $2) AS made', [from, count])
      .then(({ rows }) => rows[0]?.made);

  it('are made for this month, those ahead, one back, and the rest', async () => {
    const wanted = Array.from({ length: 5 }, (_, n) => {
      const now = new Date();
      return `indelible_event_${new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n - 1)).toISOString().slice(0, 7).replace('-', '_')}`;
    });
    expect(await months()).toEqual([...wanted, 'indelible_event_default'].toSorted());
  });

  it('hold exactly the ids of their month', async () => {
    await make('2031-02-17', 2);
    const times = [
      '2031-01-31T23:59:59.999Z',
      '2031-02-01T00:00:00.000Z',
      '2031-02-28T23:59:59.999Z',
      '2031-03-01T00:00:00.000Z',
      '2031-03-31T23:59:59.999Z',
      '2031-04-01T00:00:00.000Z',
    ];
    await trail.store.append(times.map((time) => someEntry({ core: { id: idAt(time) } })));
    expect((await homes()).map((row) => Object.values(row).at(-1))).toEqual([
      'indelible_event_default',
      'indelible_event_2031_02',
      'indelible_event_2031_02',
      'indelible_event_2031_03',
      'indelible_event_2031_03',
      'indelible_event_default',
    ]);
  });

  it('are the same months whatever the time zone of the session', async () => {
    await trail.client.query(`SET TimeZone = 'Pacific/Kiritimati'`);
    await make('2031-02-01', 1);
    const id = idAt('2031-01-31T12:00:00.000Z');
    await trail.store.append([someEntry({ core: { id } })]);
    expect(await homes()).toMatchObject([{ home: 'indelible_event_default' }]);
  });

  it('are made once, however often and from however many sessions at once', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => connect(trail.url)));
    const made = await Promise.all(
      clients.map((client) => client.query(`SELECT indelible_make_partitions('2031-01-01', 6) AS made`)),
    );
    expect(made.map(({ rows }) => Number(rows[0]?.made)).toSorted((a, b) => a - b)).toEqual([0, 0, 6]);
    await Promise.all(clients.map((client) => client.end()));
    expect(await make('2031-01-01', 6)).toBe(0);
  });

  it('take the events of their month out of the default partition, with the xid and the time they had', async () => {
    const stray = ['2031-02-03T10:00Z', '2031-03-05T10:00Z'].map((time, n) =>
      someEntry({ core: { id: idAt(time) }, payload: { n } }),
    );
    const skewed = [idAt('1999-12-31T00:00Z'), idAt('2090-01-01T00:00Z')].map((id) =>
      someEntry({ core: { id } }),
    );
    for (const entry of [...stray, ...skewed]) await trail.store.append([entry]);
    const before = await homes();
    expect(before.every((row) => 'home' in row && row.home === 'indelible_event_default')).toBe(true);
    expect(await make('2031-02-01', 2)).toBe(2);
    const expected = [
      'indelible_event_default',
      'indelible_event_2031_02',
      'indelible_event_2031_03',
      'indelible_event_default',
    ];
    expect(await homes()).toEqual(before.map((row, n) => Object.assign(row, { home: expected[n] })));
    expect((await months()).filter((name) => !/_\d{4}_\d\d$/.test(name))).toEqual([
      'indelible_event_default',
    ]);
  });

  it('drain again and again in one session, and stay guarded', async () => {
    for (const month of ['2031-01', '2031-02', '2031-03']) {
      await trail.store.append([someEntry({ core: { id: idAt(`${month}-09T10:00Z`) } })]);
      expect(await make(`${month}-01`, 1)).toBe(1);
    }
    expect((await homes()).map((row) => Object.values(row).at(-1))).toEqual([
      'indelible_event_2031_01',
      'indelible_event_2031_02',
      'indelible_event_2031_03',
    ]);
    for (const table of ['indelible_event_default', 'indelible_event_2031_02']) {
      await expect(trail.client.query(`TRUNCATE ${table}`)).rejects.toThrow('append-only');
    }
    await expect(trail.client.query('DELETE FROM indelible_event')).rejects.toThrow('append-only');
    expect((await trail.store.check()).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('lose no event that is being written while they drain', async () => {
    const run = { isOver: false };
    const written: string[] = [];
    const writer = (async () => {
      for (let n = 1; !run.isOver; n += 1) {
        const entry = someEntry({ core: { id: idAt(`2031-0${(n % 6) + 1}-10T00:00Z`, n) } });
        await trail.store.append([entry]);
        written.push(entry.core.id);
      }
    })();
    for (const month of [1, 2, 3, 4, 5, 6]) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await make(`2031-0${month}-01`, 1);
    }
    run.isOver = true;
    await writer;
    const stored = (await homes()).map((row) => Object.values(row)[0]);
    expect(written.length).toBeGreaterThan(20);
    expect(stored).toEqual(written.toSorted());
  });

  it('are not waited for behind a long reader, which would hold up every writer', async () => {
    const reader = await connect(trail.url);
    await reader.query('BEGIN; SELECT count(*) FROM indelible_event');
    await expect(make('2031-01-01', 1)).rejects.toMatchObject({ code: '55P03' });
    await reader.query('COMMIT');
    await reader.end();
    expect(await make('2031-01-01', 1)).toBe(1);
  });
});
