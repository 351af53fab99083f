import assert from 'node:assert/strict';

import { type Entry, entryLeaf, payloadDigest } from '../../event/entry.js';
import type { Contract, RawEvent, StoreUnderTest } from './contract.js';
import { NASTY_TEXTS } from './nasty.js';
import { idsOf, question } from './question.js';
import { forged, idsAt, sample, samples } from './sample.js';

export function describeWriting(contract: Contract): void {
  const { describe } = contract.runner;
  describe('append', () => {
    describeDurability(contract);
    describeRepetition(contract);
    describeConcurrency(contract);
    describeFidelity(contract);
  });
}

function describeDurability({ runner: { it }, shared }: Contract): void {
  it('has stored all of a batch when it resolves', async () => {
    const subject = await shared();
    const entries = samples(3, () => ({ core: { tenant_id: 'durable' } }));
    assert.deepEqual(await subject.store.append(entries), { conflicts: [] });
    await assertStored(subject, 'durable', entries);
  });

  it('takes an empty batch', async () => {
    assert.deepEqual(await (await shared()).store.append([]), { conflicts: [] });
  });

  it('takes 2,000 events at once', async () => {
    const subject = await shared();
    const entries = samples(2_000, (n) => ({
      core: { tenant_id: 'large', target: { type: 'T', id: `${n}` } },
    }));
    await subject.store.append(entries);
    await assertStored(subject, 'large', entries);
  });

  it('stores nothing of a batch in which one event can never be stored, and says so', async () => {
    const subject = await shared();
    const [first, broken, last] = samples(3, () => ({
      core: { tenant_id: 'whole' },
      search: { subjects: ['s1'] },
    })) as [Entry, Entry, Entry];
    const bad = { ...broken, core: { ...broken.core, payload_digest: 'abcd' } };
    await assert.rejects(subject.store.append([first, bad, last]), { code: 'EVENT_REFUSED' });
    assert.deepEqual(await subject.rawEvents('whole'), []);
    assert.deepEqual(await subject.rawSubjects('whole'), []);
    await subject.store.append([first, last]);
    await assertStored(subject, 'whole', [first, last]);
  });
}

function describeRepetition({ runner: { it }, shared }: Contract): void {
  const many = { core: { tenant_id: 'again' }, search: { subjects: ['s1', 's2', 's1'] } };

  it('leaves an event that is already there alone', async () => {
    const subject = await shared();
    const entries = samples(5, () => many);
    await subject.store.append(entries.slice(0, 3));
    assert.deepEqual(await subject.store.append(entries), { conflicts: [] });
    assert.deepEqual(await subject.store.append([...entries, ...entries]), { conflicts: [] });
    await assertStored(subject, 'again', entries);
    assert.equal((await subject.rawSubjects('again')).length, entries.length * 2);
  });

  it('reports an id that is there with another body, and keeps what was there first', async () => {
    const subject = await shared();
    const [kept, fresh] = samples(2, () => ({ core: { tenant_id: 'conflict' } })) as [Entry, Entry];
    await subject.store.append([kept]);
    const second = { ...forged(kept), search: { subjects: ['intruder'], actorText: 'intruder' } };
    const { conflicts } = await subject.store.append([second, fresh]);
    assert.deepEqual(conflicts, [kept.core.id]);
    await assertStored(subject, 'conflict', [kept, fresh]);
    assert.deepEqual(await subject.rawSubjects('conflict'), []);
    const found = await subject.store.get(kept.core.id, 'conflict');
    assert.equal(found?.search.actorText, undefined);
  });

  it('keeps the first of two bodies under one id in the same batch', async () => {
    const subject = await shared();
    const kept = sample({ core: { tenant_id: 'twice' } });
    const { conflicts } = await subject.store.append([kept, forged(kept)]);
    assert.deepEqual(conflicts, [kept.core.id]);
    await assertStored(subject, 'twice', [kept]);
  });
}

function describeConcurrency({ runner: { it }, shared }: Contract): void {
  it('stores each event once when twenty batches that overlap are appended at the same time', async () => {
    const subject = await shared();
    const entries = samples(200, () => ({ core: { tenant_id: 'crowd' }, search: { subjects: ['s1'] } }));
    const batches = Array.from({ length: 20 }, (_, n) => {
      const batch = entries.filter((_entry, i) => i % 20 === n || i % 7 === n % 7);
      return n % 2 === 0 ? batch : batch.toReversed();
    });
    const results = await Promise.all(batches.map((batch) => subject.store.append(batch)));
    assert.deepEqual(
      results.flatMap(({ conflicts }) => conflicts),
      [],
    );
    await assertStored(subject, 'crowd', entries);
    assert.equal((await subject.rawSubjects('crowd')).length, entries.length);
  });

  it('keeps one of many bodies that race for an id, and reports every other', async () => {
    const subject = await shared();
    const entry = sample({ core: { tenant_id: 'race' } });
    const bodies = Array.from({ length: 10 }, () => forged(entry));
    const results = await Promise.all(bodies.map((body) => subject.store.append([body])));
    assert.equal(results.flatMap(({ conflicts }) => conflicts).length, bodies.length - 1);
    const [kept, ...rest] = await subject.rawEvents('race');
    assert.equal(rest.length, 0);
    const winner = bodies[results.findIndex(({ conflicts }) => conflicts.length === 0)];
    assert.equal(kept?.payloadDigest, winner?.core.payload_digest);
  });
}

function describeFidelity({ runner: { it }, shared }: Contract): void {
  it('gives back every text to the byte, so that its digest and leaf still hold', async () => {
    const subject = await shared();
    const entries = NASTY_TEXTS.map((text, n) => nasty(text, n));
    await subject.store.append(entries);
    await assertStored(subject, 'nasty', entries);
    for (const entry of entries) await assertSame(subject, entry, 'nasty');
  });

  it('gives back an event with every member, and one with none but the necessary', async () => {
    const subject = await shared();
    const full = sample({
      core: {
        tenant_id: 'full',
        actor: { type: 'service', id: 'robot' },
        target: { type: 'Patient', id: '["a",1]' },
        subject_id: '42',
        process: { id: '0123456789abcdef', n: Number.MAX_SAFE_INTEGER },
        count: 1_000_000_000_000,
      },
      search: { role: 'owner', ip: '2001:db8::1', actorText: 'ada', text: 'patient' },
    });
    const bare = sample({
      core: { tenant_id: 'full', actor: { type: 'anonymous' }, target: { type: 'Patient' } },
    });
    await subject.store.append([full, bare]);
    for (const entry of [full, bare]) await assertSame(subject, entry, 'full');
  });

  it('gives the time at which it took an event in, by its own clock', async () => {
    const { store } = await shared();
    const entry = sample({
      core: { tenant_id: 'clock', id: idsAt(() => Date.parse('1999-12-31T23:59:59Z'))() },
    });
    await store.append([entry]);
    const taken = (await store.get(entry.core.id, 'clock'))?.recordedAt ?? '';
    assert.match(taken, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(taken) - Date.now()) < 60_000, `${taken} is not now`);
  });
}

function nasty(text: string, n: number): Entry {
  const id = [...text].slice(0, 60).join('') || undefined;
  return sample({
    core: { tenant_id: 'nasty', actor: { type: 'user', id }, target: { type: `T${n}`, id } },
    payload: { reason: text, [text]: [text] },
    search: { actorText: id, text: id, role: id },
  });
}

/** What lies in the store is what was given, each event once, and every payload still has its digest. */
async function assertStored(
  subject: StoreUnderTest,
  tenantId: string,
  entries: readonly Entry[],
): Promise<void> {
  const stored = await subject.rawEvents(tenantId);
  assert.deepEqual(stored.toSorted(byId), entries.map(rawOf).toSorted(byId));
  for (const { salt, payload, payloadDigest: digest } of stored)
    assert.equal(payloadDigest(salt ?? '', payload ?? ''), digest);
  const { entries: newest } = await subject.store.find(question(tenantId, { limit: entries.length + 1 }));
  assert.deepEqual(idsOf(newest), idsOf(entries).sort().toReversed());
}

async function assertSame({ store }: StoreUnderTest, entry: Entry, tenantId: string): Promise<void> {
  const found = await store.get(entry.core.id, tenantId);
  assert.ok(found, `${entry.core.id} is not found`);
  assert.deepEqual(known(found.core), known(entry.core));
  assert.deepEqual([found.payload, found.salt], [entry.payload, entry.salt]);
  assert.deepEqual(known({ ...found.search, subjects: undefined }), known(entry.search));
  assert.deepEqual(entryLeaf(found), entryLeaf(entry));
}

/** Absent and undefined are the same. */
function known(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function rawOf({ core, payload, salt }: Entry): RawEvent {
  return { id: core.id, action: core.action, payload, payloadDigest: core.payload_digest, salt };
}

function byId(a: RawEvent, b: RawEvent): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
