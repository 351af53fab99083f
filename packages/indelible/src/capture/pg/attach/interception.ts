import type { Connection, Submittable } from './driver.js';

type Own = Omit<Submittable, 'submit' | 'callback'>;
export type Handlers = Partial<Own>;

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
  /** Sends the query as it would have been sent. */
  readonly submit: (connection: Connection) => unknown;
  #own: Own | undefined;

  constructor(query: Submittable) {
    this.query = query;
    this.submit = query.submit.bind(query);
  }

  /** The query's methods as they were; most statements are only submitted. */
  get own(): Own {
    return (this.#own ??= methodsOf(this.query));
  }

  /** Messages without a handler among these go to the query as they are. */
  handle(handlers: Handlers): void {
    for (const name of HANDLERS) {
      if (this.own[name] !== undefined)
        Object.assign(this.query, { [name]: handlers[name] ?? this.own[name] });
    }
  }
}

function methodsOf(query: Submittable): Own {
  return {
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
