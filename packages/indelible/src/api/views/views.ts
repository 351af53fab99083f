import { randomUUID } from 'node:crypto';

import type { SavedView, ViewOwner } from '../../stores/views.js';
import type { Call } from '../call.js';
import { json, nothing } from '../answer.js';
import { type Parameter, readParameters } from '../parameters.js';
import { invalidMember, notFound, Refusal } from '../refusal.js';

/** More are a list that nobody reads. */
const MOST = 200;

export interface ViewAnswer {
  readonly id: string;
  readonly name: string;
  /** The parameters of `logs/`, as they stand in an address. */
  readonly query: string;
  readonly saved_at: string;
}

export interface ViewsAnswer {
  readonly results: readonly ViewAnswer[];
}

/** The questions that the caller has kept. */
export class SavedViews {
  /** What a question may be made of. */
  readonly #parameters: readonly Parameter[];

  constructor(parameters: readonly Parameter[]) {
    this.#parameters = parameters.filter(({ name }) => name !== 'cursor');
  }

  readonly list = async (call: Call): Promise<ViewsAnswer> => {
    return { results: (await own(call)).map(viewAnswer) };
  };

  readonly add = async (call: Call): Promise<Response> => {
    const name = textOf(call, 'name') ?? '';
    const query = this.#checked(textOf(call, 'query') ?? '');
    if ((await own(call)).length >= MOST) throw tooMany();
    const view = await saved(call, { id: randomUUID(), name, query });
    return json(viewAnswer(view), 201, { Location: `${call.url.pathname.replace(/\/?$/, '/')}${view.id}/` });
  };

  readonly change = async (call: Call): Promise<ViewAnswer> => {
    const known = (await own(call)).find(({ id }) => id === call.segment('id'));
    if (known === undefined) throw notFound('You have no such view.');
    const [name = known.name, query = known.query] = [textOf(call, 'name'), textOf(call, 'query')];
    return viewAnswer(await saved(call, { id: known.id, name, query: this.#checked(query) }));
  };

  readonly remove = async (call: Call): Promise<Response> => {
    const { views } = call.api.serving.store;
    if (!(await views.remove(ownerOf(call), call.segment('id')))) throw notFound('You have no such view.');
    return nothing();
  };

  /** A view that could not be opened is refused now. */
  #checked(query: string): string {
    const plain = query.replace(/^\?/, '');
    try {
      readParameters(new URLSearchParams(plain), this.#parameters);
    } catch (error) {
      throw error instanceof Refusal ? invalidMember('query', `cannot be asked: ${error.message}`) : error;
    }
    return plain;
  }
}

async function own(call: Call): Promise<readonly SavedView[]> {
  return call.api.serving.store.views.list(ownerOf(call));
}

async function saved(call: Call, view: Omit<SavedView, 'savedAt'>): Promise<SavedView> {
  if (!(await call.api.serving.store.views.save(ownerOf(call), view)))
    throw notFound('You have no such view.');
  const found = (await own(call)).find(({ id }) => id === view.id);
  if (found === undefined) throw notFound('The view was removed meanwhile.');
  return found;
}

function ownerOf({ viewer: { id, tenantId } }: Call): ViewOwner {
  return { tenantId: tenantId ?? '', viewerId: id };
}

function textOf({ body }: Call, member: string): string | undefined {
  const value = body[member];
  return typeof value === 'string' ? value : undefined;
}

function viewAnswer({ id, name, query, savedAt }: SavedView): ViewAnswer {
  return { id, name, query, saved_at: savedAt };
}

function tooMany(): Refusal {
  return new Refusal(409, `You have ${MOST} views already; remove one first.`, { code: 'TOO_MANY_VIEWS' });
}
