import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { fold } from '../../event/fold.js';
import type { EventQuery } from '../../stores/query.js';
import type { Store } from '../../stores/store.js';
import type { Contract } from './contract.js';
import { answerTo } from './oracle.js';
import { collect, idsOf, pageBack, pageForward, question } from './question.js';
import { sample, samples } from './sample.js';

const TENANT = 'searching';
const LABELS = [
  'Ada Lovelace',
  'ADA BYRON',
  'Müller-Lüdenscheidt',
  'Mu\u0308ller, decomposed',
  'ﬁnest office',
  'ＷＩＤＥ letters',
  '100% cotton',
  '100 percent',
  'snake_case',
  'snakeXcase',
  'a*b',
  'aXXb',
  'what?now',
  'what!now',
  'x[1]y',
  'x1y',
  'back\\slash\\%',
  'O\'Neil said "no"',
  '李雷和韩梅梅',
  '😀😃😄 faces',
  '(a+)+$ [a-z]* .*',
  'tab\there',
];
const PARTS = 'ada LOVE lace müller MÜLLER fine wide a da é 李雷 韩梅梅 😀 😃😄'.split(' ');
const WILDCARDS = String.raw`100% % %%% %_% _ ___ e_c * *** a*b ab* ? ??? what? [ [[[ [1] x[ ]y [a-z] *?[ (a+)+$ .* \ h\%`;
const TERMS = [
  ...LABELS,
  ...PARTS,
  ...WILDCARDS.split(' '),
  'u\u0308ll',
  "'",
  '"no"',
  "'; --",
  '\t',
  'not there at all',
];
const SCAN_BEATING = 12_000;

export function describeSearching(contract: Contract): void {
  contract.runner.describe('a search', () => {
    describeTerms(contract);
    describeExact(contract);
    describeShortTerms(contract);
  });
}

function describeTerms({ runner: { it }, shared }: Contract): void {
  const labelled = (column: 'text' | 'actorText'): Entry[] =>
    LABELS.map((label) => sample({ core: { tenant_id: TENANT }, search: { [column]: fold(label) } }));
  const entries = [...labelled('text'), ...labelled('actorText')];

  it('finds any part of a label or a name, whatever its case and form, and takes wildcards as they are', async () => {
    const { store } = await shared();
    await store.append(entries);
    for (const term of TERMS) await assertFound(store, entries, term);
  });

  it('of names alone takes every part as it is, too', async () => {
    const { store } = await shared();
    await store.append(entries);
    for (const term of TERMS) {
      const query = question(TENANT, { where: { actorText: fold(term) }, limit: 3 });
      assert.deepEqual((await pageForward(store, query)).ids, answerTo(query, entries), JSON.stringify(term));
      assert.equal(await store.count(query, 60_000), answerTo(query, entries).length, JSON.stringify(term));
    }
  });

  it('takes 500 characters, of any kind', async () => {
    const { store } = await shared();
    const texts = ['x'.repeat(500), '%'.repeat(500), '*'.repeat(500), '😀'.repeat(250), '\\'.repeat(500)];
    const long = texts.map((text) => sample({ core: { tenant_id: 'long' }, search: { text: `<${text}>` } }));
    await store.append(long);
    for (const text of texts) {
      const query = question('long', { search: { text, exact: text } });
      assert.deepEqual(await collect(store, query), answerTo(query, long));
    }
  });
}

function describeExact({ runner: { it }, shared }: Contract): void {
  const ids = ['42', '421', '142', 'a-42', 'A-42', '2001:db8::1', '10.0.0.1', '10.0.0.11'];

  it('finds ids and addresses as a whole, and an event by its own id', async () => {
    const { store } = await shared();
    const entries = ids.flatMap((id) => [
      sample({ core: { tenant_id: 'exact', actor: { type: 'user', id } } }),
      sample({ core: { tenant_id: 'exact', target: { type: 'T', id } } }),
      sample({ core: { tenant_id: 'exact', subject_id: id } }),
      sample({ core: { tenant_id: 'exact' }, search: { ip: id } }),
    ]);
    await store.append(entries);
    for (const id of ids) {
      const query = question('exact', { search: { exact: id, text: fold(id) } });
      assert.deepEqual(await collect(store, query), answerTo(query, entries), id);
      assert.equal((await collect(store, query)).length, 4, id);
    }
    const [own] = idsOf(entries);
    assert.ok(own);
    for (const id of [own, own.toUpperCase()])
      assert.deepEqual(await collect(store, question('exact', { search: { exact: id, text: own } })), [own]);
  });
}

/** More events than a search looks through in one go, with the text in few of the newest and again in the oldest. */
function describeShortTerms({ runner: { it }, shared }: Contract): void {
  const isLabelled = (n: number): boolean => n % 1_100 === 0 || n < 30 || n === SCAN_BEATING - 1;
  // Ten is just as many as the newest 10,000 hold.
  const pages = ['qz', 'qzx'].flatMap((text) =>
    [4, 10, 500].flatMap((limit) => [true, false].map((descending) => ({ text, limit, descending }))),
  );

  it('of any length looks on through page after page, and back, and misses nothing', async () => {
    const { store } = await shared();
    const entries = samples(SCAN_BEATING, (n) => ({
      core: { tenant_id: 'short' },
      search: { text: isLabelled(n) ? `qzx ${n}` : `other ${n}` },
    }));
    for (let from = 0; from < entries.length; from += 3_000)
      await store.append(entries.slice(from, from + 3_000));
    for (const { text, limit, descending } of pages) {
      const order = { column: 'timestamp', descending } as const;
      const query = question('short', { ...searchFor(text), limit, order });
      const expected = answerTo(query, entries);
      const { ids, last } = await pageForward(store, query);
      assert.deepEqual(ids, expected);
      assert.deepEqual([...(await pageBack(store, query, last)), ...idsOf(last.entries)], expected);
      assert.deepEqual(await collect(store, query), expected);
    }
    assert.deepEqual(await collect(store, question('short', searchFor('zq'))), []);
  });
}

function searchFor(text: string): Pick<EventQuery, 'search'> {
  return { search: { text: fold(text), exact: text } };
}

async function assertFound(store: Store, entries: readonly Entry[], text: string): Promise<void> {
  const query = question(TENANT, { ...searchFor(text), limit: 3 });
  const expected = answerTo(query, entries);
  assert.deepEqual((await pageForward(store, query)).ids, expected, JSON.stringify(text));
  assert.equal(await store.count(query, 60_000), expected.length, JSON.stringify(text));
}
