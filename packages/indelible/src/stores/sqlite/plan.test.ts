import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { floorId } from '../../event/id.js';
import { clinicLife } from '../../testing/contract/sample.js';
import type { EventConditions, EventQuery } from '../query.js';
import type { Statement } from '../sql/dialect.js';
import { countStatement, pageStatement, scanStatement, stretchesStatement } from '../sql/statements.js';
import { DIALECT } from './dialect.js';

const EVENTS = 20_000;
const ID = '019ca6b4-788b-7516-8f76-2a31d2370c02';
const NEWEST: EventQuery = {
  tenantId: '',
  where: {},
  order: { column: 'timestamp', descending: true },
  limit: 50,
};
const SORT = 'USE TEMP B-TREE FOR ORDER BY';

describe('how SQLite answers', () => {
  let trail: SqliteTrail;
  let rowsRead = 0;

  beforeAll(async () => {
    trail = await openSqliteTrail();
    for (let part = 0; part < 10; part += 1) await trail.store.append(clinicLife('', EVENTS / 10, part));
    trail.db.function('indelible_in_time', { deterministic: false }, () => (rowsRead += 1));
  });
  afterAll(() => trail.close());

  function plan({ sql, parameters }: Statement): string[] {
    const steps = trail.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail);
  }

  function planOf(query: EventQuery): string[] {
    return plan(pageStatement(DIALECT, query));
  }

  /** The deadline is looked at for each row, so it counts the rows that are looked at. */
  function rowsReadBy({ sql, parameters }: Statement): number {
    rowsRead = 0;
    trail.db.prepare(sql).all(...parameters);
    return rowsRead;
  }

  const single: [name: string, where: EventConditions, index: string][] = [
    ['nothing', {}, 'indelible_event_tenant (tenant_id=?)'],
    ['an actor', { actorId: 'u1' }, 'indelible_event_actor (tenant_id=? AND actor_id=?)'],
    ['an action', { actions: ['READ'] }, 'indelible_event_action (tenant_id=? AND action=?)'],
    ['a model', { targetType: 'Patient' }, 'indelible_event_target_type (tenant_id=? AND target_type=?)'],
    ['a record id', { targetId: '7' }, 'indelible_event_target_id (tenant_id=? AND target_id=?)'],
    ['a role', { role: 'owner' }, 'indelible_event_role (tenant_id=? AND role=?)'],
    ['a rare outcome', { outcome: 'denied' }, 'indelible_event_outcome (tenant_id=? AND outcome=?)'],
    ['the common outcome', { outcome: 'success' }, 'indelible_event_tenant (tenant_id=?)'],
    ['a source', { source: 'auth' }, 'indelible_event_source (tenant_id=? AND source=?)'],
    ['an address', { ip: '10.0.0.1' }, 'indelible_event_ip (tenant_id=? AND ip=?)'],
    ['a time', { fromId: ID, toId: ID }, 'indelible_event_tenant (tenant_id=? AND id>? AND id<?)'],
  ];

  it.each(single)('P41: the first page for %s from its index alone, without sorting', (_, where, index) => {
    for (const tenantId of ['', 'acme'])
      expect(planOf({ ...NEWEST, tenantId, where })).toEqual([`SEARCH indelible_event USING INDEX ${index}`]);
  });

  it.each(single)(
    'P41: a page deep inside for %s from the same index, begun at its place',
    (_, where, index) => {
      const [step, ...rest] = planOf({ ...NEWEST, where, after: { value: ID, id: ID } });
      expect(rest).toEqual([]);
      expect(step).toContain(index.replace(/(?: AND id>\?.*)?\)$/, ''));
      expect(step).toMatch(/ AND id<\?\)$/);
    },
  );

  it.each(single)(
    'P41: a page for %s by looking at hardly more rows than it shows, however deep',
    (_, where) => {
      const total = Number(trail.db.prepare('SELECT count(*) FROM indelible_event').pluck().get());
      const middle = trail.db.prepare(
        'SELECT lower(hex(id)) FROM indelible_event ORDER BY id LIMIT 1 OFFSET ?',
      );
      const id = String(middle.pluck().get(total / 2)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      for (const after of [undefined, { value: id, id }])
        for (const backwards of [false, after !== undefined])
          expect(rowsReadBy(pageStatement(DIALECT, { ...NEWEST, where, after, backwards }))).toBeLessThan(
            300,
          );
    },
  );

  it('P41: pages for several actions from one index, each ended early', () => {
    const query = { ...NEWEST, where: { actions: ['READ', 'LIST', 'UPDATE'] } };
    const steps = planOf(query).filter((step) => step.includes('indelible_event_action'));
    expect(steps).toEqual(
      Array.from({ length: 3 }, () => expect.stringContaining('(tenant_id=? AND action=?)')),
    );
    expect(rowsReadBy(pageStatement(DIALECT, query))).toBeLessThan(3 * 51 + 2);
  });

  it('P41: pages for a subject from the two indexes of subjects', () => {
    const steps = planOf({ ...NEWEST, where: { subjectId: 's1' } }).join('\n');
    expect(steps).toContain('indelible_event_subject_id (tenant_id=? AND subject_id=?)');
    expect(steps).toContain(
      'SEARCH indelible_event_subject USING PRIMARY KEY (tenant_id=? AND subject_id=?)',
    );
    expect(steps).not.toMatch(/SCAN indelible_event(_subject)?\b/);
  });

  it('P41: pages by action from the index, when nothing else is asked', () => {
    const steps = planOf({ ...NEWEST, order: { column: 'action', descending: false } });
    expect(steps).toEqual(['SEARCH indelible_event USING INDEX indelible_event_action (tenant_id=?)']);
  });

  it.each<[string, EventConditions, string]>([
    ['a record', { targetType: 'Patient', targetId: '7', actions: ['UPDATE'] }, 'indelible_event_target_id'],
    ['what an actor read', { actorId: 'u1', actions: ['READ'], source: 'read' }, 'indelible_event_actor'],
    ['a role at an address', { role: 'owner', ip: '10.0.0.1', targetType: 'Patient' }, 'indelible_event_ip'],
  ])('of several conditions by the one that leaves least: %s', (_, where, index) => {
    expect(planOf({ ...NEWEST, where }).join()).toContain(`USING INDEX ${index} `);
  });

  it('P41: a search from the trigrams, never by reading the events', () => {
    const search = { text: 'lovelace', exact: 'lovelace' };
    for (const statement of [pageStatement, countStatement]) {
      const steps = plan(statement(DIALECT, { ...NEWEST, search })).join('\n');
      expect(steps).toMatch(/SCAN indelible_event_search VIRTUAL TABLE INDEX 0:G0[^]*INDEX 0:G1/);
      expect(steps).not.toMatch(/SCAN indelible_event$/m);
    }
    const absent = { text: 'nobody of that name', exact: 'nobody of that name' };
    expect(rowsReadBy(pageStatement(DIALECT, { ...NEWEST, search: absent }))).toBeLessThan(20);
  });

  it('P41: a search for a common text in the newest events, and no further than it must', () => {
    const query = { ...NEWEST, search: { text: 'clinic', exact: 'clinic' } };
    expect(plan(scanStatement(DIALECT, query)).join()).not.toContain(SORT);
    expect(rowsReadBy(scanStatement(DIALECT, query))).toBeLessThan(200);
  });

  it('counts one filter without reading the events', () => {
    for (const [, where] of single.filter(([name]) => name !== 'the common outcome'))
      expect(plan(countStatement(DIALECT, { ...NEWEST, where })).join()).toContain('USING COVERING INDEX');
  });

  it('P41: a summary by looking at each day alone', () => {
    const [first = '', last = ''] = trail.db
      .prepare(
        'SELECT lower(hex(min(id))) FROM indelible_event UNION ALL SELECT lower(hex(max(id))) FROM indelible_event',
      )
      .pluck()
      .all() as string[];
    const from = Number.parseInt(first.slice(0, 12), 16);
    const until = Number.parseInt(last.slice(0, 12), 16) + 1;
    const bounds = Array.from({ length: 31 }, (_, day) => floorId(from + ((until - from) * day) / 30));
    const query = { tenantId: '', where: { fromId: bounds[0], toId: bounds[30] }, bounds };
    expect(rowsReadBy(stretchesStatement(DIALECT, query))).toBe(EVENTS);
  });

  it('finds the rare among all tenants without reading the events', () => {
    for (const [name, where] of single.filter(
      ([one]) => !['nothing', 'a time', 'the common outcome'].includes(one),
    ))
      expect([name, ...planOf({ ...NEWEST, tenantId: null, where })].join()).toContain('ANY(tenant_id)');
  });
});
