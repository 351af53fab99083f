import Cursor from 'pg-cursor';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const STATEMENTS = 10_000;

describe.each(postgresServers())('the context of a statement on $name', (server) => {
  let bed: PgBed;

  beforeAll(async () => {
    bed = await PgBed.open(server, 'CREATE TABLE notes (id int PRIMARY KEY, who text)');
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.plain.query('DELETE FROM notes');
    await bed.take();
  });

  async function wrong(): Promise<[number, number]> {
    const taken = await bed.take();
    const strays = taken.filter(
      ({ context, change }) => (change as { after?: { who?: unknown } }).after?.who !== context,
    );
    return [taken.length, strays.length];
  }

  it.each([1, 10])(
    `P17: is the one of its request for ${STATEMENTS} contended statements over %i connections`,
    async (max) => {
      // The disk has no say in whose context it is, and would take minutes.
      const pool = bed.pool({ max, options: '-c synchronous_commit=off' });
      const insert = 'INSERT INTO notes VALUES ($1, $2)';
      const ways: ((n: number, who: string) => Promise<unknown>)[] = [
        (n, who) => pool.query(insert, [n, who]),
        async (n, who) => {
          const client = await pool.connect();
          await client.query(insert, [n, who]);
          client.release();
        },
        (n, who) =>
          new Promise((resolve, reject) => {
            pool.connect((error, client, release) => {
              if (error || !client) return reject(error);
              client.query('SELECT 1', () => {
                client.query(insert, [n, who], (problem) => {
                  release();
                  if (problem) reject(problem);
                  else resolve(undefined);
                });
              });
            });
          }),
        async (n, who) => {
          const client = await pool.connect();
          await Promise.all([client.query('BEGIN'), client.query(insert, [n, who]), client.query('COMMIT')]);
          client.release();
        },
        (n, who) =>
          new Promise((resolve, reject) => {
            pool.query(insert, [n, who], (error) => (error ? reject(error) : resolve(undefined)));
          }),
      ];
      await Promise.all(
        Array.from({ length: STATEMENTS }, (_, n) =>
          bed.capturing.current.run(`user ${n}`, async () => ways[n % ways.length]?.(n, `user ${n}`)),
        ),
      );
      expect(await wrong()).toEqual([STATEMENTS, 0]);
      await pool.end();
    },
    180_000,
  );

  it("P17: is the one of a cursor's call in the callbacks of its rows", async () => {
    const pool = bed.pool({ max: 1 });
    const work = (n: number): Promise<void> =>
      new Promise((resolve, reject) => {
        pool.connect((error, client, release) => {
          if (error || !client) return reject(error);
          const cursor = client.query(new Cursor('SELECT 1'));
          cursor.read(5, () => {
            cursor.close(() => {
              client.query('INSERT INTO notes VALUES ($1, $2)', [n, `user ${n}`], () => {
                release();
                resolve();
              });
            });
          });
        });
      });
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => bed.capturing.current.run(`user ${n}`, () => work(n))),
    );
    expect(await wrong()).toEqual([50, 0]);
    await pool.end();
  });

  it('P20: leaves nothing of it on the connection', async () => {
    const client = await bed.client();
    await bed.capturing.current.run('secret-person', () => client.query("INSERT INTO notes VALUES (1, 'x')"));
    const { rows } = await client.query<{ name: string; setting: string }>(
      "SELECT name, setting FROM pg_settings WHERE setting LIKE '%secret%' OR name LIKE '%indelible%'",
    );
    expect(rows).toEqual([]);
    const statements = await client.query('SELECT * FROM pg_prepared_statements');
    expect(statements.rows).toEqual([]);
    await client.query("INSERT INTO notes VALUES (2, 'x')");
    expect((await bed.take()).map(({ context }) => context)).toEqual(['secret-person', 'nobody']);
  });

  it.each([
    ['quotes', `it's "so" '' E'x'`],
    ['backslashes', "\\ \\' \\\\"],
    ['ends of comments', '*/ -- $$ $1 ${x}'],
    ['an emoji', '\u{1F9B7}\u200d'],
    ['two megabytes', `'\\${'x'.repeat(2_000_000)}`],
    ['NUL', 'a\0b'],
  ])('P21: may hold %s, also as a literal', async (_, context) => {
    const client = await bed.client();
    const most = Array.from({ length: 65_535 }, (__, n) => n);
    const list = most.map((n) => `$${n + 1}::int`).join(',');
    await bed.capturing.current.run(context, async () => {
      expect(await client.query("INSERT INTO notes VALUES (1, '')")).toMatchObject({ rowCount: 1 });
      const many = await client.query(`UPDATE notes SET who = 'many' WHERE id IN (${list})`, most);
      expect(many).toMatchObject({ command: 'UPDATE', rowCount: 1 });
      await client.query(
        'DELETE FROM notes WHERE id = ANY(SELECT 1) AND EXISTS (SELECT FROM notes FOR UPDATE)',
      );
      await client.query(
        'MERGE INTO notes USING (SELECT 2 AS id) s ON s.id = notes.id WHEN NOT MATCHED THEN INSERT VALUES (2)',
      );
      await client.query('BEGIN; SAVEPOINT one');
      await client.query(
        'MERGE INTO notes USING (SELECT 2 AS id) s ON s.id = notes.id WHEN MATCHED THEN DELETE',
      );
      await client.query('COMMIT');
    });
    const taken = await bed.take();
    expect(taken.length).toBeGreaterThanOrEqual(5);
    for (const each of taken) expect(each.context === context.replace('\0', '')).toBe(true);
  });

  it('tells a statement of 65,535 parameters whose text names one more in a literal', async () => {
    const client = await bed.client();
    const most = Array.from({ length: 65_535 }, (_, n) => n);
    const list = most.map((n) => `$${n + 1}::int`).join(',');
    await client.query("INSERT INTO notes VALUES (1, '')");
    await client.query(`UPDATE notes SET who = '$65536' WHERE id IN (${list})`, most);
    expect(await bed.taken()).toEqual(['INSERT notes', 'STATEMENT UPDATE 1']);
    expect((await bed.plain.query('SELECT who FROM notes')).rows).toEqual([{ who: '$65536' }]);
  });

  it('is the one of the call, whatever becomes of it while the statement waits for its turn', async () => {
    const client = await bed.client();
    const calls = bed.capturing.current.run('ana', () => [
      client.query('SELECT pg_sleep(0.05)'),
      client.query("INSERT INTO notes VALUES (9001, 'x')"),
    ]);
    bed.capturing.context = () => 'bob';
    await Promise.all(calls);
    Reflect.deleteProperty(bed.capturing, 'context');
    expect((await bed.take()).map((taken) => taken.context)).toEqual(['ana']);
  });
});
