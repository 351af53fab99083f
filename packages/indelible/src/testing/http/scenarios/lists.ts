import assert from 'node:assert/strict';

import { type HttpScenario, scenario } from '../scenario.js';

const MOST_IDS = 500;

/** What is recorded of many records that were shown at once. */
export const LISTS: readonly HttpScenario[] = [
  scenario('P27: a list tells how many, of how many, and which, page by page', {}, async (clinic) => {
    await clinic.ask('/api/patients', { as: 'ann' });
    await clinic.ask('/api/patients?page=2&page_size=2', { as: 'ann' });
    const [first, second] = await clinic.expectTold(
      'LIST Patient by ann: success 200',
      'LIST Patient by ann: success 200',
    );
    assert.deepEqual(first?.metadata, { count: 3, total: 1_234, ids: ['1', '2', '3'] });
    assert.deepEqual(first?.subjects, ['1', '2', '3']);
    assert.deepEqual(second?.metadata, { count: 2, total: 1_234, ids: ['3', '4'] });
    assert.deepEqual(second?.request?.query, { page: '2', page_size: '2' });
  }),

  scenario('P27: a search tells what was searched for', {}, async (clinic) => {
    await clinic.ask('/api/patients?q=Birch%20%C3%B8', { as: 'ann' });
    const { metadata } = await clinic.expectOne('SEARCH Patient by ann: success 200');
    assert.deepEqual(metadata, { search: 'Birch ø', count: 3, total: 1_234, ids: ['1', '2', '3'] });
  }),

  scenario(
    `P27: of a long list the first ${MOST_IDS} ids are kept, and the full count`,
    {},
    async (clinic) => {
      await clinic.ask('/api/patients?page_size=700', { as: 'ann' });
      const { metadata } = await clinic.expectOne('LIST Patient by ann: success 200');
      assert.equal(metadata?.['count'], 700);
      assert.deepEqual(
        metadata?.['ids'],
        Array.from({ length: MOST_IDS }, (_, n) => String(n + 1)),
      );
    },
  ),

  scenario('P27: a HEAD is told as what it asks for', {}, async (clinic) => {
    const { status, text } = await clinic.ask('/api/patients/1', { method: 'HEAD', as: 'ann' });
    assert.deepEqual([status, text], [200, '']);
    const { request } = await clinic.expectOne('READ Patient 1 by ann: success 200');
    assert.equal(request?.method, 'HEAD');
  }),

  scenario('P27: an answer that had not changed was read all the same', {}, async (clinic) => {
    const first = await clinic.ask('/api/patients/1/cached', { as: 'ann' });
    const headers = { 'if-none-match': first.header('etag') ?? '' };
    const { status, text } = await clinic.ask('/api/patients/1/cached', { as: 'ann', headers });
    assert.deepEqual([status, text], [304, '']);
    await clinic.expectTold('READ Patient 1 by ann: success 200', 'READ Patient 1 by ann: success 304');
  }),

  scenario('P27: GraphQL tells each record that a query has read, once', {}, async (clinic) => {
    const query =
      'query ($ids: [ID!]!) { one: patient(id: 1) { name } again: patient(id: "1") { id } patients(ids: $ids) { name } }';
    const body = { query, variables: { ids: ['2', '3', '2'] } };
    const { text } = await clinic.ask('/api/graphql', { method: 'POST', as: 'ann', body });
    assert.equal(JSON.parse(text).data.one.name, 'Ben Birch');
    await clinic.expectTold(
      'READ Patient 1 by ann: success 200',
      'READ Patient 2 by ann: success 200',
      'READ Patient 3 by ann: success 200',
    );
  }),

  scenario('P27: a query of GraphQL that reads nothing is a request like any other', {}, async (clinic) => {
    await clinic.ask('/api/graphql', { method: 'POST', as: 'ann', body: { query: '{ nobody }' } });
    await clinic.expectOne('API_REQUEST Graphql by ann: success 200');
  }),

  scenario('P27: a batch tells each record, once', {}, async (clinic) => {
    await clinic.ask('/api/batch', { method: 'POST', as: 'ann', body: { ids: ['3', '1', '3', '2'] } });
    await clinic.expectTold(
      'READ Patient 3 by ann: success 200',
      'READ Patient 1 by ann: success 200',
      'READ Patient 2 by ann: success 200',
    );
  }),

  scenario('P27: a decorated list is one list, however the model found what it shows', {}, async (clinic) => {
    await clinic.ask('/api/lists/decorated', { as: 'ann' });
    const [other, list] = await clinic.expectTold(
      'READ Patient 4 by ann: success 200',
      'LIST Patient by ann: success 200',
    );
    assert.equal(other?.operation, 'Patient.findUnique');
    assert.deepEqual(list?.metadata, { count: 3, ids: ['1', '2', '3'] });
  }),

  scenario('P27: of several lists that the model alone saw none is lost', {}, async (clinic) => {
    await clinic.ask('/api/lists/model', { as: 'ann' });
    const events = await clinic.expectTold(
      'SEARCH Patient by ann: success 200',
      'SEARCH Patient by ann: success 200',
    );
    assert.deepEqual(
      events.map(({ metadata }) => metadata?.['ids']),
      [['1', '2'], ['3']],
    );
  }),

  scenario('P27: an export names the records that the model found for it', {}, async (clinic) => {
    await clinic.ask('/api/lists/exported', { as: 'ann' });
    const { metadata, subjects } = await clinic.expectOne('EXPORT Patient by ann: success 200');
    assert.deepEqual(
      [metadata?.['count'], metadata?.['ids'], subjects],
      [3, ['1', '2', '3'], ['1', '2', '3']],
    );
  }),

  scenario('P27: of a list that is streamed no number is made up', {}, async (clinic) => {
    await clinic.ask('/api/lists/streamed', { as: 'ann' });
    const { metadata } = await clinic.expectOne('LIST Patient by ann: success 200');
    assert.deepEqual(metadata ?? {}, {});
  }),

  scenario('P27: what somebody types into a search is one search, the last', {}, async (clinic) => {
    for (const text of ['B', 'Bi', 'Bir', 'Birch'])
      await clinic.ask(`/api/patients?q=${text}`, { as: 'ann' });
    const { metadata } = await clinic.expectOne('SEARCH Patient by ann: success 200');
    assert.deepEqual([metadata?.['search'], metadata?.['searches']], ['Birch', 4]);
  }),

  scenario(
    'lists of a model are not told where they are switched off, and its searches are',
    { trail: { reads: { Patient: { lists: false } } } },
    async (clinic) => {
      await clinic.ask('/api/patients', { as: 'ann' });
      await clinic.ask('/api/patients?search=Birch', { as: 'ann' });
      await clinic.expectOne('SEARCH Patient by ann: success 200');
    },
  ),

  scenario(
    'searches of a model are not told where they are switched off, and its lists are',
    { trail: { reads: { Patient: { searches: false } } } },
    async (clinic) => {
      await clinic.ask('/api/patients?search=Birch', { as: 'ann' });
      await clinic.ask('/api/patients', { as: 'ann' });
      await clinic.expectOne('LIST Patient by ann: success 200');
    },
  ),
];
