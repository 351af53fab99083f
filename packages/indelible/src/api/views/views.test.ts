import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, openBed, ORIGIN } from '../../../test/api/bed.js';
import { flawOf } from '../schema.js';
import { VIEW, VIEWS } from './routes.js';

describe.each(['sqlite', 'postgres'] as const)('saved views, over %s,', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind);
  });
  afterAll(() => bed.close());

  const post = (as: 'owner' | 'north' | 'south', body: object): ReturnType<ApiBed['ask']> =>
    bed.ask('views/', { as, method: 'POST', body });

  it('are kept, renamed and removed by whoever saved them', async () => {
    const { status, headers, body } = await post('owner', {
      name: 'Deletions',
      query: '?action=DELETE&days=7',
    });
    expect([status, flawOf(body, VIEW), body['query']]).toEqual([201, undefined, 'action=DELETE&days=7']);
    const path = headers.get('location') ?? '';
    expect(path).toBe(`/api/audit/views/${String(body['id'])}/`);
    const renamed = await bed.ask(path, { as: 'owner', method: 'PATCH', body: { name: 'Gone' } });
    expect(renamed.body).toMatchObject({ id: body['id'], name: 'Gone', query: 'action=DELETE&days=7' });
    const listed = await bed.ask('views/', { as: 'owner' });
    expect(flawOf(listed.body, VIEWS)).toBeUndefined();
    expect(listed.body).toMatchObject({ results: [{ id: body['id'], name: 'Gone' }] });
    for (const expected of [204, 404])
      expect((await bed.ask(path, { as: 'owner', method: 'DELETE' })).status).toBe(expected);
  });

  it("P47: are nobody else's, in no tenant", async () => {
    const { headers } = await post('north', { name: 'Ours', query: '' });
    const path = headers.get('location') ?? '';
    for (const as of ['south', 'owner'] as const) {
      expect((await bed.ask('views/', { as })).text).not.toContain('Ours');
      expect((await bed.ask(path, { as, method: 'PATCH', body: { name: 'Mine' } })).status).toBe(404);
      expect((await bed.ask(path, { as, method: 'DELETE' })).status).toBe(404);
    }
    expect((await bed.ask('views/', { as: 'dentist' })).status).toBe(403);
  });

  it('are refused where they could not be opened, or say nothing', async () => {
    for (const [body, message] of [
      [{ name: 'x', query: 'colour=blue' }, /query cannot be asked: colour is no parameter/],
      [{ name: 'x', query: 'cursor=abc' }, /cursor is no parameter/],
      [{ name: ' ', query: '' }, /name must look like a name/],
      [{ name: 'x' }, /query/],
      [{ name: 'x', query: '', owner: 'somebody' }, /owner/],
    ] as const) {
      const { status, text } = await post('owner', body);
      expect([status, text]).toEqual([400, expect.stringMatching(message)]);
    }
  });

  it('are changed by a cookie from the page of the API alone', async () => {
    const ask = (origin: string): ReturnType<ApiBed['ask']> =>
      bed.ask('views/', {
        method: 'POST',
        body: { name: 'by cookie', query: '' },
        headers: { Cookie: 'session=owner', Origin: origin },
      });
    expect((await ask('https://evil.example')).status).toBe(403);
    expect((await ask(ORIGIN)).status).toBe(201);
  });
});
