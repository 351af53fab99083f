import type { Submittable } from './driver.js';

export type Handlers = Partial<Omit<Submittable, 'submit' | 'callback'>>;

export const HANDLERS = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleReadyForQuery',
  'handleError',
] as const;

/** A query whose dealings with the server go through hands of ours; its own stay within reach. */
export class Interception {
  readonly query: Submittable;
  readonly own: Submittable;

  constructor(query: Submittable) {
    this.query = query;
    this.own = methodsOf(query);
  }

  /** Messages without a handler among these go to the query as they are. */
  handle(handlers: Handlers): void {
    for (const name of HANDLERS) {
      if (this.own[name] !== undefined)
        Object.assign(this.query, { [name]: handlers[name] ?? this.own[name] });
    }
  }
}

function methodsOf(query: Submittable): Submittable {
  return {
    submit: query.submit.bind(query),
    handleReadyForQuery: query.handleReadyForQuery.bind(query),
    handleError: query.handleError.bind(query),
    ...optional('handleRowDescription', query.handleRowDescription?.bind(query)),
    ...optional('handleDataRow', query.handleDataRow?.bind(query)),
    ...optional('handlePortalSuspended', query.handlePortalSuspended?.bind(query)),
    ...optional('handleCommandComplete', query.handleCommandComplete?.bind(query)),
  };
}

function optional<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });
}
