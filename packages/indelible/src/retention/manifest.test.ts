import { createHash, randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Completer } from '../event/complete.js';
import { IdGenerator } from '../event/id.js';
import { readEvent } from '../event/read.js';
import { Redactor } from '../event/redaction.js';
import { canonicalize } from '../integrity/canonical.js';
import type { Clause, EventMatch } from '../stores/removal.js';
import { manifestDigest } from '../integrity/manifest-digest.js';
import { countOf, type Decision, lastCutOff, NO_CUT_OFF, readManifest, writeManifest } from './manifest.js';

const ids = new IdGenerator();
const completer = new Completer({
  redactor: new Redactor(),
  limits: { changesBytes: 1024 ** 2, payloadBytes: 64 * 1024 },
  knowsAction: () => true,
  rulesOf: () => ({}),
});

/** A manifest's digest as an event keeps it, beside as much else as an event may be asked to tell. */
function kept(digest: string, more: object = {}): unknown {
  const entry = completer.complete({
    id: ids.next(),
    timestamp: Date.now(),
    action: 'RETENTION_PURGE',
    actor: { type: 'system' },
    isWhole: true,
    metadata: { manifest: digest, count: 1, ...more },
  });
  return entry && readEvent({ ...entry, recordedAt: null }).metadata?.['manifest'];
}

const matches = fc.record<EventMatch>(
  {
    tenantId: fc.string(),
    action: fc.constantFrom('READ', 'LIST'),
    targetType: fc.string(),
    subjectId: fc.string(),
  },
  { requiredKeys: [] },
);
const clauses = fc.record<Clause>(
  {
    match: matches,
    except: fc.array(matches, { maxLength: 3 }),
    recordedBefore: fc.constantFrom('2020-01-01T00:00:00.000Z', NO_CUT_OFF),
    hasSubject: fc.boolean(),
  },
  { requiredKeys: ['match', 'except', 'recordedBefore'] },
);
const decisions = fc
  .tuple(
    fc.constantFrom('purge' as const, 'erase' as const),
    fc.array(clauses, { minLength: 1, maxLength: 4 }),
    fc.uniqueArray(fc.nat(5_000), { minLength: 4, maxLength: 200 }),
  )
  .map(([kind, given, indexes]): Decision => {
    const rules = given.map((clause, n) => ({
      clause,
      floorDays: n,
      indexes: Float64Array.from(indexes.filter((_, at) => at % given.length === n)),
      afterId: n % 2 === 0 ? null : ids.next(),
      lastId: ids.next(),
    }));
    const decidedAt = '2026-03-14T00:00:00.000Z';
    return { kind, rules, policies: [], holds: [], reason: undefined, decidedAt };
  });

describe('a manifest', () => {
  it('is canonical, and reads back as just the leaves and clauses that were decided on', () => {
    fc.assert(
      fc.property(decisions, (decision) => {
        const text = writeManifest(decision);
        expect(canonicalize(JSON.parse(text))).toBe(text);
        const read = readManifest(text);
        const all = new Set(decision.rules.flatMap(({ indexes }) => [...indexes]));
        expect(read?.ranges.count).toBe(countOf(decision));
        const leaves = Array.from({ length: 5_002 }, (_, index) => index);
        expect(leaves.filter((index) => read?.ranges.has(index) !== all.has(index))).toEqual([]);
        expect(read?.rules).toEqual(
          decision.rules.map(({ clause, afterId, lastId }) => ({ clause, afterId, lastId })),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('has the digest that anybody can compute', () => {
    const digest = createHash('sha256').update('{"v":1}').digest('base64url');
    expect(manifestDigest('{"v":1}')).toBe(`sha256:${digest}`);
  });

  it('keeps its digest whole in the event, whatever digits are in it and however much else is told', () => {
    const names = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`.repeat(30), n]));
    const of = { by_action: names, by_model: names };
    const digests = Array.from({ length: 20_000 }, () => manifestDigest(randomBytes(8).toString('hex')));
    expect(digests.filter((digest) => kept(digest) !== digest)).toEqual([]);
    const likeACard = `sha256:${Buffer.from('4111111111111111411111111111111141111111111', 'base64url').toString('base64url')}`;
    for (const digest of [
      likeACard,
      `sha256:${'A'.repeat(43)}`,
      `sha256:-_${'4111111111111111_'.repeat(2)}abcdefg`,
    ])
      expect(kept(digest, { of })).toBe(digest);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"v":1'],
    ['a number', '1'],
    ['null', 'null'],
    ['another version', '{"v":2,"ranges":"0","count":1,"rules":[]}'],
    ['a wrong count', '{"v":1,"ranges":"0","count":2,"rules":[]}'],
    ['ranges that are none', '{"v":1,"ranges":"2-1","count":1,"rules":[]}'],
    ['no rules', '{"v":1,"ranges":"0","count":1}'],
    ['a rule of no form', '{"v":1,"ranges":"0","count":1,"rules":[{}]}'],
    [
      'a rule that would match more',
      '{"v":1,"ranges":"0","count":1,"rules":[{"match":{"modle":"x"},"except":[],"last_id":"a"}]}',
    ],
  ])('is not %s', (_what, text) => expect(readManifest(text)).toBeUndefined());

  it('tells the latest of its cut-offs', () => {
    const clause = { match: {}, except: [] };
    const days = ['2020-01-02T00:00:00.000Z', '2020-03-01T00:00:00.000Z', '2020-02-01T00:00:00.000Z'];
    expect(lastCutOff(days.map((recordedBefore) => ({ ...clause, recordedBefore })))).toBe(days[1]);
    expect(lastCutOff([])).toBeUndefined();
  });
});
