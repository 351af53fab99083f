import { listParameters } from '../parameters.js';
import type { Route } from '../route.js';
import { json } from '../routes/json.js';
import type { Schema } from '../schema.js';
import { listOf, TEXT, TIME, whole } from '../schemas.js';
import { SavedViews } from './views.js';

const NAME: Schema = { type: 'string', minLength: 1, maxLength: 100, pattern: '\\S', description: 'a name' };
const QUERY: Schema = {
  type: 'string',
  maxLength: 4_000,
  description: 'The parameters of logs/, such as action=READ&days=7.',
};

export const VIEW: Schema = whole({ id: TEXT, name: TEXT, query: TEXT, saved_at: TIME });
export const VIEWS: Schema = whole({ results: listOf(VIEW) });
const NEW_VIEW: Schema = whole({ name: NAME, query: QUERY });
const CHANGED_VIEW: Schema = { ...whole({ name: NAME, query: QUERY }, 'name', 'query'), minProperties: 1 };

/** Questions that the caller keeps, for nobody else to see. */
export function viewRoutes(word: string): readonly Route[] {
  const views = new SavedViews(listParameters(word));
  const all = { who: 'all', path: 'views/' } as const;
  const one = { who: 'all', path: 'views/{id}/' } as const;
  return [
    {
      ...all,
      method: 'GET',
      summary: 'The views that the caller has saved',
      attempts: 'LIST',
      answer: json(VIEWS),
      handle: views.list,
    },
    {
      ...all,
      method: 'POST',
      summary: 'Save a view',
      attempts: 'CREATE',
      body: NEW_VIEW,
      answer: json(VIEW),
      status: 201,
      handle: views.add,
    },
    {
      ...one,
      method: 'PATCH',
      summary: 'Change a view of the caller',
      attempts: 'UPDATE',
      body: CHANGED_VIEW,
      answer: json(VIEW),
      handle: views.change,
    },
    {
      ...one,
      method: 'DELETE',
      summary: 'Remove a view of the caller',
      attempts: 'DELETE',
      status: 204,
      handle: views.remove,
    },
  ];
}
