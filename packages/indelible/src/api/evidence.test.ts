import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed } from '../../test/api/bed.js';
import { leafHash, openProof, SigningKey, VerifierKey, verifyInclusion } from '../integrity.js';
import { createAudit } from '../index.js';
import { createMemoryStore } from '../memory.js';
import { auditApi } from '../api.js';
import { flawOf } from './schema.js';
import {
  HOLDS,
  INTEGRITY,
  POLICIES,
  PREVIEW,
  PROOF,
  STATE,
  STATS,
  SUMMARY,
  VERIFICATION,
} from './schemas.js';
import { Verifying } from './verifying.js';

async function verified(bed: ApiBed): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await bed.ask('integrity/', { as: 'owner' });
    expect(flawOf(body, INTEGRITY)).toBeUndefined();
    const last = body['last_verification'] as Record<string, unknown>;
    if (last['state'] !== 'running') return last;
    await setTimeout(20);
  }
}

describe.each(['sqlite', 'postgres'] as const)('what the API tells of the evidence, over %s,', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind);
    await live(bed);
  });
  afterAll(() => bed.close());

  async function idOf(action: string): Promise<string> {
    const { body } = await bed.ask(`logs/?action=${action}&model=Patient`, { as: 'north' });
    return (body['results'] as { id: string }[])[0]?.id ?? '';
  }

  it('is a proof that an event is in the log, which others can check', async () => {
    const id = await idOf('UPDATE');
    const { body, headers } = await bed.ask(`logs/${id}/proof/`, { as: 'north' });
    expect(flawOf(body, PROOF)).toBeUndefined();
    const bytes = (text: unknown): Uint8Array => Buffer.from(String(text), 'hex');
    const claim = {
      leafHash: leafHash(String(body['core'])),
      index: Number(body['leaf_index']),
      size: Number(body['tree_size']),
      proof: (body['inclusion'] as string[]).map(bytes),
      root: bytes(body['root_hash']),
    };
    expect(Buffer.from(claim.leafHash).toString('hex')).toBe(body['leaf_hash']);
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: claim.index + 1 })).toBe(false);
    expect(JSON.parse(String(body['core']))).toMatchObject({ id, action: 'UPDATE', tenant_id: 'north' });
    expect(headers.get('etag')).toMatch(/^"[\w-]{27}"$/);
  });

  it('is a C2SP proof too, under a checkpoint that the key of the log signed', async () => {
    const { body } = await bed.ask(`logs/${await idOf('READ')}/proof/`, { as: 'north' });
    const other = SigningKey.create('clinic.example/audit');
    expect(openProof(String(body['tlog_proof']), [VerifierKey.parse(other.verifierKey)])).toBeUndefined();
    expect(body['keys']).toEqual([{ name: 'clinic.example/audit', id: expect.any(String) }]);
    expect(body['checkpoint']).toMatch(/^clinic\.example\/audit\n\d+\n/);
  });

  it('is a verification in the background, one at a time, that says how far it is and what it found', async () => {
    expect((await bed.ask('integrity/', { as: 'owner' })).body).toMatchObject({
      checkpoint: { tree_size: expect.any(Number), note: expect.any(String) },
      unsealed_count: expect.any(Number),
      assurance: { level: 'tamper-detecting' },
      last_verification: null,
    });
    const started = await bed.ask('integrity/verify/', { as: 'owner', method: 'POST' });
    expect([started.status, started.headers.get('location')]).toEqual([202, '/api/audit/integrity/']);
    expect(flawOf(started.body, VERIFICATION)).toBeUndefined();
    const second = await bed.ask('integrity/verify/', { as: 'owner', method: 'POST' });
    expect([202, 409]).toContain(second.status);
    const found = await verified(bed);
    expect(found).toMatchObject({
      state: 'done',
      started_by: 'o1',
      is_good: true,
      log: 'CONSISTENT',
      violation_count: 0,
      violations: [],
      failure: null,
    });
    expect(found['verified']).toBe(found['of']);
    const seen = (await bed.ask('integrity/', { as: 'north' })).body['last_verification'];
    expect(seen).toMatchObject({ state: 'done', is_good: true });
    expect(seen).not.toHaveProperty('violations');
    expect((await bed.ask('integrity/verify/', { as: 'north', method: 'POST' })).status).toBe(403);
  });

  it('is sums over some days, and over all', async () => {
    const stats = (await bed.ask('logs/stats/', { as: 'north' })).body;
    expect(flawOf(stats, STATS)).toBeUndefined();
    expect(stats).toMatchObject({
      actions_by_type: { CREATE: 1, UPDATE: 1, DELETE: 1, LOGIN_FAILED: 1 },
      actions_by_role: { dentist: 4 },
    });
    const total = (await bed.ask('logs/?page_size=1', { as: 'north' })).body['count'];
    expect(Number(stats['total_logs'])).toBeGreaterThanOrEqual(5);
    expect(Number(stats['total_logs'])).toBeLessThanOrEqual(Number(total));
    const summary = (await bed.ask('logs/summary/?days=7&tz=Europe/Berlin', { as: 'north' })).body;
    expect(flawOf(summary, SUMMARY)).toBeUndefined();
    expect(summary).toMatchObject({
      days: 7,
      by_model: { Patient: 3, Invoice: 1 },
      by_outcome: { failure: 1 },
      by_actor: expect.arrayContaining([{ actor_id: 'd1', count: 4 }]),
    });
    expect(summary['per_day']).toHaveLength(7);
    for (const query of ['days=0', 'days=x', 'tz=Mars', 'model=Patient', 'tenant_id=south'])
      expect([400, 403]).toContain((await bed.ask(`logs/summary/?${query}`, { as: 'north' })).status);
  });

  it('is the life of a record, and how it stood', async () => {
    const history = await bed.ask('records/Patient/42/history/?ordering=timestamp', { as: 'north' });
    expect((history.body['results'] as { action: string }[]).map(({ action }) => action)).toEqual([
      'CREATE',
      'UPDATE',
      'READ',
    ]);
    const now = (await bed.ask('records/Patient/42/state/', { as: 'north' })).body;
    expect(flawOf(now, STATE)).toBeUndefined();
    expect(now).toMatchObject({ exists: true, is_complete: true, fields: { phone: '2 Matterhorn' } });
    const then = (await bed.ask('records/Patient/42/state/?at=2020-01-01', { as: 'north' })).body;
    expect(then).toMatchObject({ exists: false, fields: null });
    expect((await bed.ask('records/Patient/42/state/?at=soon', { as: 'north' })).body).toMatchObject({
      status: 400,
      errors: [{ parameter: 'at' }],
    });
    expect((await bed.ask('records/Nonsense/42/history/', { as: 'north' })).status).toBe(400);
    // Of two tenants' records with one id it cannot be said which is meant.
    expect((await bed.ask('records/Patient/42/state/', { as: 'owner' })).status).toBe(400);
    expect((await bed.ask('records/Patient/42/state/?tenant_id=south', { as: 'owner' })).status).toBe(200);
    expect((await bed.ask('records/Patient/a%2Fb/history/', { as: 'north' })).body['count']).toBe(0);
  });
});

describe('the retention of the API', () => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    await live(bed);
  });
  afterAll(() => bed.close());

  it('is policies that are added, changed and removed, each of it recorded', async () => {
    const policy = { match: { model: 'Invoice' }, days: 2_555, reason: 'tax law' };
    const added = await bed.ask('retention/', { as: 'owner', method: 'POST', body: policy });
    expect(added).toMatchObject({ status: 201, body: policy });
    const at = String(added.headers.get('location'));
    expect(at).toBe(`/api/audit/retention/${String(added.body['id'])}/`);
    const changed = await bed.ask(at, { as: 'owner', method: 'PATCH', body: { days: 3_000 } });
    expect(changed).toMatchObject({ status: 200, body: { ...policy, days: 3_000 } });
    const { body } = await bed.ask('retention/', { as: 'owner' });
    expect(flawOf(body, POLICIES)).toBeUndefined();
    expect(body).toMatchObject({
      results: [{ ...policy, days: 3_000 }],
      default_days: 2_190,
      floor: { with_subject: 2_190, others: 0 },
    });
    expect((await bed.ask(at, { as: 'owner', method: 'DELETE' })).status).toBe(204);
    expect((await bed.ask(at, { as: 'owner', method: 'DELETE' })).status).toBe(404);
    const events = await bed.recorded('POLICY_CHANGE');
    expect(events.map(({ actor, before, after }) => [actor.id, before !== null, after !== null])).toEqual([
      ['o1', false, true],
      ['o1', true, true],
      ['o1', true, false],
    ]);
  });

  it('is holds that are placed and released, and what a clean-up would remove meanwhile', async () => {
    const hold = { match: { subject_id: '42' }, reason: 'claim 2026-118' };
    const placed = await bed.ask('retention/holds/', { as: 'north', method: 'POST', body: hold });
    expect(placed).toMatchObject({
      status: 201,
      body: { ...hold, match: { tenant_id: 'north', subject_id: '42' } },
    });
    const { body } = await bed.ask('retention/holds/', { as: 'owner' });
    expect([flawOf(body, HOLDS), (body['results'] as unknown[]).length]).toEqual([undefined, 1]);
    const preview = await bed.ask('retention/preview/?as_of=2040-01-01&model=Patient', { as: 'north' });
    expect(flawOf(preview.body, PREVIEW)).toBeUndefined();
    expect(preview.body).toMatchObject({ count: 0, kept_by_holds: 3, holds: [hold] });
    const at = String(placed.headers.get('location'));
    const released = { as: 'north', method: 'DELETE', body: { reason: 'settled' } } as const;
    expect((await bed.ask(at, released)).status).toBe(204);
    expect(
      (await bed.ask('retention/preview/?as_of=2040-01-01&model=Patient', { as: 'north' })).body['count'],
    ).toBe(3);
    expect(await bed.recorded('HOLD_RELEASED')).toMatchObject([{ reason: 'settled', actor: { id: 'n1' } }]);
  });

  it('refuses what is no rule, and says what is wrong with it', async () => {
    for (const [body, member] of [
      [{ match: {}, days: 0 }, 'days'],
      [{ match: {}, days: '7' }, 'days'],
      [{ match: { patient: '1' }, days: 7 }, 'match.patient'],
      [{ days: 7 }, 'match'],
      [[], ''],
      ['{"a":', ''],
    ] as const) {
      const asked = await bed.ask('retention/', { as: 'owner', method: 'POST', body });
      expect(asked.body).toMatchObject({ status: 400, code: 'INVALID_BODY', errors: [{ member }] });
    }
    const blank = { match: { subject_id: '42' }, reason: '  ' };
    const asked = await bed.ask('retention/holds/', { as: 'owner', method: 'POST', body: blank });
    expect(asked.body).toMatchObject({ status: 400, errors: [{ member: 'reason' }] });
    const all = { match: {}, reason: 'everything' };
    expect((await bed.ask('retention/holds/', { as: 'owner', method: 'POST', body: all })).status).toBe(400);
    const unknown = { match: { action: 'no word' }, days: 7 };
    expect((await bed.ask('retention/', { as: 'owner', method: 'POST', body: unknown })).status).toBe(400);
    expect(await bed.recorded('POLICY_CHANGE')).toHaveLength(3);
  });
});

describe('a trail that seals nothing', () => {
  it('says that there is no key to verify with, and no proof', async () => {
    const audit = createAudit({ store: createMemoryStore(), spool: false, log: () => undefined });
    const api = auditApi(audit, { authorize: () => ({ id: 'o1', tenantId: null, may: 'all' }) });
    const id = await audit.record({ action: 'READ' });
    await audit.flush();
    const at = (path: string): string => `https://clinic.example/api/audit/${path}`;
    const verify = await api(new Request(at('integrity/verify/'), { method: 'POST' }));
    expect([verify.status, await verify.json()]).toMatchObject([409, { code: 'KEY_INVALID' }]);
    const proof = await api(new Request(at(`logs/${id}/proof/`)));
    expect([proof.status, await proof.json()]).toMatchObject([409, { code: 'NOT_PROVABLE' }]);
    expect(await (await api(new Request(at('integrity/')))).json()).toMatchObject({
      checkpoint: null,
      keys: [],
    });
    await audit.close();
  });
});

describe('a verification in the background', () => {
  it('is one at a time, and says when it could not come to its end, and no more than that', async () => {
    let fail: (error: Error) => void = () => undefined;
    const held = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const keys = [VerifierKey.parse(SigningKey.create('clinic.example/audit').verifierKey)];
    const anchor = {
      name: 'the other server',
      newest: () => Promise.reject(new Error('no route to host')),
    };
    const serving = { store: { head: () => held }, anchors: [anchor], keys: () => keys };
    const verifying = new Verifying(serving as never);
    expect(verifying.last).toBeUndefined();
    verifying.start('o1');
    expect(() => verifying.start('o2')).toThrow('A verification is running already');
    expect(verifying.last).toMatchObject({ startedBy: 'o1', finishedAt: null, found: null });
    fail(new Error('password authentication failed for user trail at 10.0.0.7'));
    await expect.poll(() => verifying.last?.finishedAt).not.toBeNull();
    expect(verifying.last).toMatchObject({
      found: null,
      failure: expect.stringContaining('UNEXPECTED'),
      unheard: ['the other server: no route to host'],
    });
    expect(verifying.last?.failure).not.toContain('10.0.0.7');
    verifying.start('o2');
    expect(verifying.last).toMatchObject({ startedBy: 'o2' });
  });
});
