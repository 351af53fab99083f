import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { floorId, timeOf } from '../../event/id.js';
import type { EventConditions, EventQuery } from '../../stores/query.js';
import type { Store } from '../../stores/store.js';
import type { Contract } from './contract.js';
import { answerTo } from './oracle.js';
import { collect, pageForward, question } from './question.js';
import { Chance, clinicLife, sample } from './sample.js';

type Asked = EventConditions;

/** For each filter the conditions that the events themselves suggest, and one that nothing fulfils. */
const FILTERS: Record<string, (entry: Entry) => Asked> = {
  actorId: ({ core }) => ({ actorId: core.actor.id ?? 'nobody' }),
  actorText: ({ search }) => ({ actorText: part(search.actorText ?? 'nobody', 1, 5) }),
  action: ({ core }) => ({ actions: [core.action] }),
  actions: ({ core }) => ({ actions: [...new Set([core.action, 'UPDATE', 'NEVER_DONE'])] }),
  targetType: ({ core }) => ({ targetType: core.target?.type ?? 'Nothing' }),
  targetId: ({ core }) => ({ targetId: core.target?.id ?? 'none' }),
  subjectId: ({ core, search }) => ({ subjectId: core.subject_id ?? search.subjects?.[0] ?? 'none' }),
  role: ({ search }) => ({ role: search.role ?? 'none' }),
  outcome: ({ core }) => ({ outcome: core.outcome }),
  source: ({ core }) => ({ source: core.source }),
  ip: ({ search }) => ({ ip: search.ip ?? '192.0.2.1' }),
  fromId: ({ core }) => ({ fromId: core.id }),
  toId: ({ core }) => ({ toId: core.id }),
  time: ({ core }) => ({ fromId: floorId(timeOf(core.id)), toId: floorId(timeOf(core.id) + 600_000) }),
};

const EVENTS = 400;
const RANDOM_QUESTIONS = 250;
const GENEROUS_MS = 60_000;

export function describeQuestions({ runner: { describe, it }, shared }: Contract): void {
  describe('find, count and stream', () => {
    const tenant = 'questions';
    const life = clinicLife(tenant, EVENTS);
    let stored: Promise<Store> | undefined;
    const open = (): Promise<Store> => (stored ??= storeWith(shared, life));

    for (const [name, ask] of Object.entries(FILTERS)) {
      it(`give what the filter ${name} asks for, and nothing else`, async () => {
        const questions = life
          .slice(0, 60)
          .map((entry) => question(tenant, { where: ask(entry), limit: 60 }));
        await assertAnswers(await open(), life, distinct(questions));
      });
    }

    it('give what every pair of filters asks for together', async () => {
      await assertAnswers(await open(), life, pairs(tenant, life));
    });

    it('give what random questions ask for, in every order', async () => {
      await assertAnswers(await open(), life, randomQuestions(tenant, life, RANDOM_QUESTIONS));
    });

    it('order by time, action and actor, both ways, and alike ones by id', async () => {
      const orders = (['timestamp', 'action', 'actor'] as const).flatMap((column) =>
        [true, false].map((descending) => question(tenant, { order: { column, descending }, limit: 37 })),
      );
      await assertAnswers(await open(), life, orders);
    });

    it('tell ids, addresses and models apart by case and by blanks', async () => {
      const { store: own } = await shared();
      const spellings = ['Ab', 'ab', 'AB', 'ab ', ' ab', 'a b'];
      await own.append(spellings.map((text) => spelled(text)));
      for (const text of spellings) {
        const wheres: Asked[] = [
          { actorId: text },
          { targetId: text },
          { targetType: text },
          { subjectId: text },
        ];
        for (const where of [...wheres, { role: text }, { ip: text }])
          assert.equal(
            await own.count(question('spelling', { where }), GENEROUS_MS),
            1,
            JSON.stringify(where),
          );
      }
    });

    it('give nothing when no action is asked for', async () => {
      await assertAnswers(await open(), life, [question(tenant, { where: { actions: [] } })]);
    });
  });
}

async function storeWith(shared: Contract['shared'], life: readonly Entry[]): Promise<Store> {
  const subject = await shared();
  await subject.store.append(life);
  return subject.store;
}

function spelled(text: string): Entry {
  return sample({
    core: {
      tenant_id: 'spelling',
      actor: { type: 'user', id: text },
      target: { type: text, id: text },
      subject_id: text,
    },
    search: { role: text, ip: text },
  });
}

/** Paging, streaming and counting must all agree with what a plain look at every event says. */
async function assertAnswers(
  store: Store,
  entries: readonly Entry[],
  questions: readonly EventQuery[],
): Promise<void> {
  for (const query of questions) {
    const told = JSON.stringify({ ...query, tenantId: undefined });
    const expected = answerTo(query, entries);
    assert.deepEqual((await pageForward(store, query)).ids, expected, `paging: ${told}`);
    assert.deepEqual(await collect(store, query), expected, `streaming: ${told}`);
    assert.equal(await store.count(query, GENEROUS_MS), expected.length, `counting: ${told}`);
  }
}

function pairs(tenant: string, life: readonly Entry[]): EventQuery[] {
  const names = Object.keys(FILTERS);
  const chance = new Chance(2);
  return names.flatMap((one, i) =>
    names.slice(i + 1).map((other) => {
      const entry = chance.pick(life);
      const where = { ...FILTERS[one]?.(entry), ...FILTERS[other]?.(entry) };
      return question(tenant, { where, limit: 80 });
    }),
  );
}

/** Questions that the events themselves suggest, some with a search. */
export function randomQuestions(tenant: string, life: readonly Entry[], count: number): EventQuery[] {
  const chance = new Chance(3);
  return Array.from({ length: count }, () => {
    const asked = Array.from({ length: chance.below(4) }, () => FILTERS[chance.pick(Object.keys(FILTERS))]);
    const where = Object.assign({}, ...asked.map((ask) => ask?.(chance.pick(life)))) as Asked;
    return question(tenant, {
      where,
      search: chance.below(4) === 0 ? searchOf(chance, chance.pick(life)) : undefined,
      order: { column: chance.pick(['timestamp', 'action', 'actor']), descending: chance.below(2) === 0 },
      limit: 5 + chance.below(95),
    });
  });
}

function searchOf(chance: Chance, { core, search }: Entry): EventQuery['search'] {
  const texts = [
    search.text,
    search.actorText,
    core.actor.id,
    core.target?.id,
    core.subject_id,
    search.ip,
    core.id,
  ];
  const text = chance.pick(texts.filter((one) => one !== undefined));
  const from = chance.below(Math.max([...text].length - 2, 1));
  const exact = chance.below(2) === 0 ? part(text, from, 1 + chance.below(8)) : text;
  return { text: exact.toLowerCase(), exact };
}

/** Whole characters only: a question never holds half a one. */
function part(text: string, from: number, length: number): string {
  return [...text].slice(from, from + length).join('');
}

function distinct(questions: readonly EventQuery[]): EventQuery[] {
  return [...new Map(questions.map((query) => [JSON.stringify(query.where), query])).values()];
}
