import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CapturedDatabase } from '../../../../test/captured-database.js';
import { connect } from '../../../../test/postgres-trail.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA = `
CREATE TABLE patients (id int PRIMARY KEY, name text, long text);
CREATE TABLE visits (id int PRIMARY KEY, patient_id int REFERENCES patients ON DELETE CASCADE);
CREATE TABLE keyless (a int);
CREATE VIEW names AS SELECT id, name FROM patients;
CREATE TABLE ruled (id int PRIMARY KEY);
CREATE RULE away AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE TABLE parents (id int PRIMARY KEY);
CREATE TABLE heirs () INHERITS (parents);
CREATE TABLE secured (id int PRIMARY KEY, owner text);
`;

const WRITES = [
  `INSERT INTO patients (id, name) VALUES (10, 'x')`,
  `INSERT INTO patients (id, name) VALUES (10, 'x'), (11, 'y') RETURNING id`,
  `UPDATE patients SET name = 'y' WHERE id = 1`,
  `UPDATE patients SET name = 'y' RETURNING *`,
  `INSERT INTO patients (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'z'`,
  `DELETE FROM patients WHERE id = 1`,
  `DELETE FROM visits WHERE id = 1 RETURNING id`,
];

describe.each(postgresServers())('the outbox of a write on $name', (server) => {
  let database: CapturedDatabase;

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    database.failsClosed.clear();
    await database.client.query(`ROLLBACK; TRUNCATE patients, visits, keyless;
      INSERT INTO patients SELECT n, 'name ' || n FROM generate_series(1, 3) n; INSERT INTO visits VALUES (1, 1);
      TRUNCATE truth, indelible_outbox`);
    await database.load();
  });

  async function whileBroken(work: () => Promise<void>): Promise<void> {
    await database.client.query('ALTER TABLE indelible_outbox RENAME COLUMN bodies TO gone');
    try {
      await work();
    } finally {
      await database.client.query('ROLLBACK; ALTER TABLE indelible_outbox RENAME COLUMN gone TO bodies');
    }
  }

  it.each(WRITES)('takes the change and its context, once, also when it fails closed: %s', async (text) => {
    for (const closed of [false, true]) {
      await database.client.query('BEGIN');
      if (closed) ['patients', 'visits'].forEach((model) => database.failsClosed.add(model));
      await database.load();
      await database.run(text);
      const { rows } = await database.client.query('SELECT context FROM indelible_outbox');
      expect(rows).toEqual([{ context: '{"actor":"ana"}' }]);
      const { rows: kept } = await database.client.query('SELECT op FROM truth');
      expect(await database.captured()).toHaveLength(kept.length);
      await database.client.query('ROLLBACK');
    }
  });

  it.each(WRITES)('when it is broken, lets the write go on and warns: %s', async (text) => {
    const warnings: (string | undefined)[] = [];
    const heard = ({ code }: { code: string | undefined }): number => warnings.push(code);
    database.client.on('notice', heard);
    await whileBroken(async () => {
      await database.client.query('BEGIN');
      const { rowCount } = await database.run(text);
      expect(rowCount).toBeGreaterThan(0);
      const { rows } = await database.client.query('SELECT count(*)::int AS count FROM truth');
      expect(rows[0].count).toBeGreaterThan(0);
    });
    database.client.off('notice', heard);
    expect(warnings).toContain('IND01');
  });

  it.each(WRITES)('when it is broken, refuses a write that fails closed: %s', async (text) => {
    ['patients', 'visits'].forEach((model) => database.failsClosed.add(model));
    await database.load();
    await whileBroken(async () => {
      await expect(database.run(text)).rejects.toThrow(/bodies/);
    });
    const { rows } = await database.client.query('SELECT count(*)::int AS count FROM truth');
    expect(rows[0].count).toBe(0);
  });

  it('takes a large write in rows of bounded size', async () => {
    for (const closed of [false, true]) {
      if (closed) database.failsClosed.add('patients');
      await database.load();
      await database.client.query('TRUNCATE patients, visits, truth, indelible_outbox');
      await database.run(
        `INSERT INTO patients SELECT n, 'name', repeat('x', 200) FROM generate_series(1, 5000) n`,
      );
      await database.run(`UPDATE patients SET long = repeat('y', 200) RETURNING id`);
      const { rows } = await database.client.query(
        `SELECT count(*)::int AS rows, sum(cardinality(bodies))::int AS changes,
           max(octet_length(array_to_string(bodies, ''))) AS largest FROM indelible_outbox`,
      );
      expect(rows[0].changes).toBe(10_000);
      expect(rows[0].rows).toBeGreaterThan(10);
      expect(rows[0].largest).toBeLessThan(300_000);
    }
  });

  it('holds nothing of a write that wrote nothing', async () => {
    for (const closed of [false, true]) {
      if (closed) database.failsClosed.add('patients');
      await database.load();
      await database.run(`UPDATE patients SET name = 'x' WHERE id = 99`);
      await database.run(`UPDATE patients SET name = name WHERE id = 1`);
      await database.run(`UPDATE patients SET name = name, long = long RETURNING id`);
      await database.run(`DELETE FROM patients WHERE id > 99`);
      await database.run(`INSERT INTO patients SELECT * FROM patients WHERE false`);
    }
    const { rows } = await database.client.query('SELECT * FROM indelible_outbox');
    expect(rows).toEqual([]);
  });

  it('is not asked to hold what cannot be taken apart, which is told', async () => {
    const told = async (text: string): Promise<unknown> => {
      const plan = (await database.load()).plan(text);
      return plan.kind === 'told' ? [plan.models, plan.reason] : plan.kind;
    };
    expect(await told(`UPDATE names SET name = 'x'`)).toEqual([['names'], 'names is a view']);
    expect(await told('INSERT INTO ruled VALUES (1)')).toEqual([['ruled'], expect.stringMatching(/rules/)]);
    expect(await told('DELETE FROM parents')).toEqual([['parents'], expect.stringMatching(/inherit/)]);
    expect(await told('DELETE FROM ONLY parents')).toBe('rewritten');
    expect(await told('INSERT INTO parents VALUES (1)')).toBe('rewritten');
    expect(await told('INSERT INTO later VALUES (1)')).toEqual([
      ['later'],
      expect.stringMatching(/not there/),
    ]);
    expect(await told('UPDATE patients SET later = 1')).toEqual([
      ['patients'],
      expect.stringMatching(/no column/),
    ]);
    expect(await told('TRUNCATE patients')).toEqual([['patients'], expect.any(String)]);
    const keyless: unknown = [['keyless'], expect.stringMatching(/no primary key/)];
    expect(await told('UPDATE keyless SET a = 1')).toEqual(server.major >= 18 ? 'rewritten' : keyless);
    expect(await told('SELECT * FROM patients')).toBe('passed');
    expect(await told('BEGIN')).toBe('passed');
    expect((await database.load()).plan('ALTER TABLE patients ADD x int')).toEqual({
      kind: 'passed',
      definesTables: true,
    });
    await database.client.query('CREATE TEMP TABLE scratch (id int PRIMARY KEY)');
    expect(await told('INSERT INTO scratch VALUES (1)')).toBe('passed');
    database.rules['patients'] = { untracked: true };
    expect(await told(`UPDATE patients SET name = 'x'`)).toBe('passed');
    expect(await told('TRUNCATE patients')).toBe('passed');
    delete database.rules['patients'];
  });

  it('is told of it when the function that writes it is missing', async () => {
    await database.client.query('BEGIN; DROP FUNCTION indelible_put');
    const plan = (await database.load()).plan('DELETE FROM visits');
    expect(plan).toMatchObject({ kind: 'told', models: ['visits'], reason: /indelible_put/ });
    await database.client.query('ROLLBACK');
  });

  it('gets nothing by a role that may write and not read, whose write goes on', async () => {
    const role = `${new URL(database.url).pathname.slice(1)}_writer`;
    await database.client.query(
      `CREATE ROLE "${role}"; GRANT INSERT ON truth TO "${role}"; GRANT INSERT, DELETE, UPDATE ON patients TO "${role}"`,
    );
    await database.client
      .query(`ALTER TABLE secured ENABLE ROW LEVEL SECURITY; GRANT ALL ON secured TO "${role}";
      CREATE POLICY w ON secured FOR INSERT WITH CHECK (true); CREATE POLICY r ON secured FOR SELECT USING (owner = 'me')`);
    const other = await connect(database.url);
    try {
      await other.query(`SET ROLE "${role}"`);
      await database.load(other);
      const writing = await database.run(`INSERT INTO patients VALUES (7, 'w')`, [], other);
      expect(writing.plan).toMatchObject({
        kind: 'told',
        reason: expect.stringMatching(/must not read the column id/),
      });
      const secured = await database.run(`INSERT INTO secured VALUES (7, 'you')`, [], other);
      expect(secured.plan).toMatchObject({ kind: 'told', reason: expect.stringMatching(/row security/) });
    } finally {
      await other.end();
      await database.client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
    }
  });
});
