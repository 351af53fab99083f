import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connect } from '../../../../test/postgres-trail.js';
import { createDatabase, postgresServers, type TestDatabase } from '../../../../test/servers/postgres.js';
import type { Catalogue, Table } from './catalogue.js';
import { loadCatalogue } from './load.js';

const SCHEMA = `
CREATE SCHEMA app;
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE DOMAIN work_email AS email;
CREATE TABLE patients (id int PRIMARY KEY, name text NOT NULL, mail work_email, moods mood[], mails email[],
  size numeric(6, 2), full_name text GENERATED ALWAYS AS (upper(name)) STORED, gone int);
ALTER TABLE patients DROP COLUMN gone;
CREATE TABLE visits (at date, patient int REFERENCES patients ON DELETE CASCADE ON UPDATE SET NULL, room int DEFAULT 7,
  PRIMARY KEY (patient, at)) PARTITION BY RANGE (at);
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (patient);
CREATE TABLE visits_2024_one PARTITION OF visits_2024 DEFAULT;
CREATE TABLE app.notes (code text NOT NULL, part int, body text, visited int, UNIQUE (code),
  FOREIGN KEY (visited) REFERENCES patients ON DELETE SET NULL);
CREATE UNIQUE INDEX ON app.notes (part) WHERE part > 3;
CREATE TABLE loose (a int UNIQUE, b int);
CREATE TABLE later (a int NOT NULL UNIQUE DEFERRABLE);
CREATE TABLE heir () INHERITS (loose);
CREATE VIEW all_patients AS SELECT * FROM patients;
CREATE TABLE ruled (id int PRIMARY KEY);
CREATE RULE ruled_away AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touch BEFORE UPDATE ON visits_2024_one FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE indelible_outbox (seq bigint);
CREATE FUNCTION app.indelible_put(context text, bodies text[]) RETURNS text LANGUAGE sql RETURN NULL;
`;

describe.each(postgresServers())('the catalogue of $name', (server) => {
  let database: TestDatabase;
  let client: Client;
  let catalogue: Catalogue;

  beforeAll(async () => {
    database = await createDatabase(server);
    client = await connect(database.url);
    await client.query(SCHEMA);
    catalogue = await load();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  function load(): Promise<Catalogue> {
    return loadCatalogue((text, params) => client.query(text, params));
  }

  function found(name: string, schema?: string): Table {
    const table = catalogue.find({ name, schema });
    if (!table) throw new Error(`${name} is not in the catalogue`);
    return table;
  }

  it('holds the version, the search path and where the outbox is', () => {
    expect(Math.floor(catalogue.version / 10_000)).toBe(server.major);
    expect(catalogue.schemas).toEqual(['public']);
    expect(catalogue.putSchema).toBe('app');
    expect(catalogue.outboxSchema).toBe('public');
  });

  it('finds a table without a schema on the search path only', () => {
    expect(catalogue.find({ name: 'notes', schema: undefined })).toBeUndefined();
    expect(catalogue.find({ name: 'notes', schema: undefined }, ['public', 'app'])).toBe(
      found('notes', 'app'),
    );
    expect(catalogue.find({ name: 'pg_class', schema: 'pg_catalog' })).toBeUndefined();
  });

  it('reads columns with what their types are made of', () => {
    const columns = found('patients').columns.map(({ name, type, isGenerated, isLimited }) => [
      name,
      type.name ?? (type.isEnum ? 'enum' : undefined),
      type.element?.name ?? (type.element?.isEnum ? 'enum' : undefined),
      isGenerated,
      isLimited,
    ]);
    expect(columns).toEqual([
      ['id', 'int4', undefined, false, false],
      ['name', 'text', undefined, false, false],
      ['mail', 'text', undefined, false, false],
      ['moods', undefined, 'enum', false, false],
      ['mails', undefined, 'text', false, false],
      ['size', 'numeric', undefined, false, true],
      ['full_name', 'text', undefined, true, false],
    ]);
  });

  it('names rows by the primary key, else by a unique index that leaves no row out', () => {
    const keys = ['patients', 'visits', 'visits_2024', 'visits_2024_one', 'loose', 'later'].map(
      (table) => found(table).key,
    );
    expect(keys).toEqual([['id'], ['patient', 'at'], ['patient', 'at'], ['patient', 'at'], [], []]);
    expect(found('notes', 'app').key).toEqual(['code']);
  });

  it('connects tables by their foreign keys, each once', () => {
    const pointing = found('patients').referencedBy.map(
      ({ from, columns, referenced, onDelete, onUpdate }) => [
        from.name,
        columns,
        referenced,
        onDelete,
        onUpdate,
      ],
    );
    expect(pointing).toHaveLength(2);
    expect(pointing).toEqual(
      expect.arrayContaining([
        ['visits', ['patient'], ['id'], 'cascade', 'set null'],
        ['notes', ['visited'], ['id'], 'set null', 'none'],
      ]),
    );
    expect(found('visits').references).toHaveLength(1);
  });

  it('knows a partition as a part of its table, and whose triggers have a say', () => {
    expect(found('visits_2024_one').root).toBe(found('visits'));
    expect(found('visits').kind).toBe('partitioned');
    expect(found('visits').hasBeforeTriggers).toBe(true);
    expect(found('patients').hasBeforeTriggers).toBe(false);
  });

  it('knows views, rules and heirs', () => {
    expect(found('all_patients').kind).toBe('view');
    expect(found('ruled').hasRules).toBe(true);
    expect(found('patients').hasRules).toBe(false);
    expect([found('loose').hasHeirs, found('heir').hasHeirs, found('visits').hasHeirs]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('sees which columns the role may read', async () => {
    const role = `${database.name}_reader`;
    await client.query(
      `CREATE ROLE "${role}"; GRANT SELECT (id) ON patients TO "${role}"; SET ROLE "${role}"`,
    );
    try {
      const table = (await load()).find({ name: 'patients', schema: 'public' });
      const readable = table?.columns.filter(({ isReadable }) => isReadable).map(({ name }) => name);
      expect(readable).toEqual(['id']);
    } finally {
      await client.query(`RESET ROLE; DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
    }
  });

  it('is read in a moment also with two thousand tables', async () => {
    await client.query(`DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE TABLE app.many_%s
      (id int, a text, b text, c int, d date, e jsonb, f numeric, g uuid, h bool, i text)', i); END LOOP; END $$`);
    const start = performance.now();
    const many = await load();
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(many.find({ name: 'many_2000', schema: 'app' })?.columns).toHaveLength(10);
  });
});
