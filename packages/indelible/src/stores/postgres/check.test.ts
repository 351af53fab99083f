import { describe, expect, it, onTestFinished } from 'vitest';

import { idAt, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail, type TrailOptions } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import type { Store } from '../store.js';

const WRITER = 'GRANT indelible_writer TO $role';

describe.each(postgresServers())('the start-up check on $name', (server) => {
  async function open(options: TrailOptions = {}): Promise<PostgresTrail> {
    const trail = await openTrail(server, { roles: true, ...options });
    onTestFinished(() => trail.close());
    return trail;
  }

  /** What a writer with the least rights finds after somebody did this to its trail. */
  async function findingsAfter(sql: string, options: TrailOptions = {}): Promise<string[]> {
    const trail = await open(options);
    await trail.client.query(sql);
    return shown(await trail.storeAs(WRITER));
  }

  async function shown(store: Store): Promise<string[]> {
    return (await store.check()).map(({ severity, message }) => `${severity}: ${message}`);
  }

  it('finds nothing wrong with a trail written by the writer role', async () => {
    expect(await findingsAfter('SELECT 1')).toEqual([]);
  });

  it.each([
    ['a superuser', 'ALTER ROLE $role SUPERUSER', 'it is a superuser'],
    ['a member of the owner', 'GRANT indelible_owner TO $role', 'it owns the tables'],
    [
      'the owner of a single partition',
      'GRANT indelible_writer TO $role; ALTER TABLE indelible_event_default OWNER TO $role',
      'it owns the tables',
    ],
    [
      'a role that may UPDATE',
      'GRANT indelible_writer, indelible_reader TO $role; GRANT UPDATE ON indelible_event TO $role',
      'it has the right',
    ],
    [
      'a role that may UPDATE one column',
      'GRANT indelible_writer TO $role; GRANT UPDATE (payload) ON indelible_event TO $role',
      'it has the right',
    ],
    [
      'a role that may DELETE from a partition',
      'GRANT indelible_writer TO $role; GRANT DELETE ON indelible_event_default TO $role',
      'it has the right',
    ],
    [
      'a role that may TRUNCATE',
      'GRANT indelible_writer TO $role; GRANT TRUNCATE ON indelible_event_subject TO $role',
      'it has the right',
    ],
    [
      'a role that may UPDATE checkpoints',
      'GRANT indelible_writer TO $role; GRANT UPDATE ON indelible_checkpoint TO $role',
      'it has the right',
    ],
    [
      'a member of pg_write_all_data',
      'GRANT indelible_writer, pg_write_all_data TO $role',
      'it has the right',
    ],
  ])('warns loudly of a writer that is %s, with the remedy', async (_, grants, reason) => {
    const trail = await open();
    const findings = await shown(await trail.storeAs(grants));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(/^warning: THE WRITER COULD CHANGE HISTORY: /);
    expect(findings[0]).toContain(reason);
    expect(findings[0]).toContain('npx indelible migrate --roles');
    expect(findings[0]).toContain('indelible_writer');
  });

  it('warns of a superuser who has only put on the role of the writer', async () => {
    const trail = await open();
    const store = await trail.storeAs(
      'GRANT indelible_writer TO $role; ALTER ROLE $role SUPERUSER; ALTER ROLE $role SET role = indelible_writer',
    );
    expect(await shown(store)).toEqual([expect.stringContaining('it is a superuser')]);
  });

  it.each([
    ['missing', 'DROP TRIGGER indelible_guard ON indelible_event', 'indelible_guard of indelible_event '],
    [
      'missing on a partition',
      'DROP TRIGGER indelible_guard_truncate ON indelible_event_default',
      'indelible_guard_truncate of indelible_event_default ',
    ],
    [
      'missing for subjects',
      'DROP TRIGGER indelible_guard ON indelible_event_subject',
      'indelible_guard of indelible_event_subject ',
    ],
    [
      'missing for the leaves',
      'DROP TRIGGER indelible_guard ON indelible_seal',
      'indelible_guard of indelible_seal ',
    ],
    [
      'disabled for the nodes',
      'ALTER TABLE indelible_node DISABLE TRIGGER ALL',
      'indelible_guard_truncate of indelible_node ',
    ],
    [
      'open to a replica session for the checkpoints',
      'ALTER TABLE indelible_checkpoint ENABLE TRIGGER indelible_guard_truncate',
      'indelible_guard_truncate of indelible_checkpoint ',
    ],
    [
      'missing on the decisions',
      'DROP TRIGGER indelible_guard ON indelible_deletion',
      'indelible_guard of indelible_deletion ',
    ],
    [
      'told that it guards something else',
      `DROP TRIGGER indelible_guard ON indelible_seal; CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_seal FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event_subject'); ALTER TABLE indelible_seal ENABLE ALWAYS TRIGGER indelible_guard`,
      'indelible_guard of indelible_seal ',
    ],
    [
      'disabled',
      'ALTER TABLE indelible_event DISABLE TRIGGER indelible_guard_truncate',
      'indelible_guard_truncate of indelible_event ',
    ],
    [
      'disabled on a partition',
      'ALTER TABLE indelible_event_default DISABLE TRIGGER ALL',
      'indelible_guard of indelible_event_default ',
    ],
    [
      'open to a replica session',
      'ALTER TABLE indelible_event_subject ENABLE TRIGGER indelible_guard',
      'indelible_guard of indelible_event_subject ',
    ],
    [
      'replaced by a lookalike',
      `DROP TRIGGER indelible_guard_truncate ON indelible_event; CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_event EXECUTE FUNCTION nothing(); ALTER TABLE indelible_event ENABLE ALWAYS TRIGGER indelible_guard_truncate`,
      'indelible_guard_truncate of indelible_event ',
    ],
    [
      'made conditional',
      `DROP TRIGGER indelible_guard ON indelible_event_subject; CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_event_subject FOR EACH ROW WHEN (OLD.subject_id = '') EXECUTE FUNCTION indelible_guard('x'); ALTER TABLE indelible_event_subject ENABLE ALWAYS TRIGGER indelible_guard`,
      'indelible_guard of indelible_event_subject ',
    ],
    [
      'emptied',
      `CREATE OR REPLACE FUNCTION indelible_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'`,
      'the function indelible_guard,',
    ],
    [
      'left to look for the decisions where the session says',
      'ALTER FUNCTION indelible_guard RESET search_path',
      'the function indelible_guard,',
    ],
  ])('calls it an error when a guard is %s', async (_, sql, named) => {
    const findings = await findingsAfter(sql);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) expect(finding).toMatch(/^error: .*guard/i);
    expect(findings.join('\n')).toContain(named);
  });

  it('warns when fewer than three months are made ahead', async () => {
    const findings = await findingsAfter('SELECT 1', { monthsAhead: 3 });
    expect(findings).toEqual([
      expect.stringMatching(/^warning: There is no partition for \d{4}-\d\d:.*npx indelible migrate/),
    ]);
  });

  it.each(['as the writer', 'as the owner'])(
    'warns of events in the default partition, seen %s',
    async (who) => {
      const trail = await open();
      await trail.store.append([someEntry({ core: { id: idAt('1999-12-31T00:00Z') } })]);
      const store = await trail.storeAs(who === 'as the owner' ? 'GRANT indelible_owner TO $role' : WRITER);
      const findings = (await shown(store)).filter((finding) => !finding.includes('THE WRITER'));
      expect(findings).toEqual([
        expect.stringMatching(/^warning: .*events?(\(s\))? lie in the default partition/i),
      ]);
    },
  );

  it('calls it an error when the default partition is gone', async () => {
    expect(await findingsAfter('DROP TABLE indelible_event_default')).toEqual([
      expect.stringMatching(/^error: .*indelible_event_default is missing/),
    ]);
  });

  it('warns when search has no index, and finds it made once the extension is there', async () => {
    const trail = await open();
    await trail.client.query('DROP EXTENSION pg_trgm CASCADE');
    const store = await trail.storeAs(WRITER);
    expect(await shown(store)).toEqual([expect.stringMatching(/^warning: .*pg_trgm is missing/)]);
    await trail.store.migrate();
    expect(await shown(store)).toEqual([]);
  });

  it('warns when the server may forget what it has committed', async () => {
    const trail = await open();
    const store = await trail.storeAs(
      'GRANT indelible_writer TO $role; ALTER ROLE $role SET synchronous_commit = off',
    );
    expect(await shown(store)).toEqual([expect.stringMatching(/^warning: synchronous_commit is off/)]);
  });

  it('calls it an error when a migration is missing', async () => {
    const trail = await open();
    await trail.client.query(`DELETE FROM indelible_migration WHERE name = '014-conflicts'`);
    await expect(trail.store.check()).rejects.toMatchObject({
      code: 'STORE_NOT_MIGRATED',
      message: expect.stringContaining('missing: 014-conflicts'),
    });
  });
});
