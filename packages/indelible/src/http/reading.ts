import type { ModelRules } from '../capture/tables.js';
import type { LooseInput } from '../event/input.js';
import type { Target } from '../event/event.js';
import { type About, aboutList, aboutRecord, type Selectors } from '../reads/about.js';
import { idText, isFields } from '../reads/shown.js';
import { fileIn } from './file-in.js';
import { type AnswerHead, queryOf, type RequestFacts } from './request-facts.js';

/** What is recorded of a route that shows records; `R` is the framework's own request. */
export interface ReadOptions<R> extends Selectors {
  /** The id of the record; by default the one in the route. */
  readonly id?: ((request: R) => unknown) | undefined;
  /** Why it is read; by default the header `X-Audit-Reason`, or `reason` in the query or the body. */
  readonly reason?: ((request: R) => string | undefined) | undefined;
  /** Answers 400 to a request that gives no reason. */
  readonly requireReason?: boolean | undefined;
  /** What a list is searched for; by default `q`, `query`, `search` or `term` in the query. */
  readonly search?: ((request: R) => string | undefined) | undefined;
  /** What else the event should say. */
  readonly metadata?: ((request: R, answer: unknown) => object | undefined) | undefined;
}

/** `record` and `list` are shown, a `file` is handed out, and an `act` is whatever its action says. */
export type ReadKind = 'record' | 'list' | 'file' | 'act';

/** What a route answered, as far as a reading looks at it. */
export interface Shown<R> {
  readonly facts: RequestFacts<R>;
  readonly head: AnswerHead;
  readonly answer: unknown;
  readonly rules: ModelRules;
  /** The record that the route names. */
  readonly inRoute: Target | undefined;
}

const SEARCHES = ['q', 'query', 'search', 'term'] as const;

/** What a route reads, and the event that is made of it. */
export class Reading<R> {
  readonly model: string | undefined;
  readonly requiresReason: boolean;
  readonly #kind: ReadKind;
  readonly #action: string;
  readonly #options: ReadOptions<R>;

  constructor(kind: ReadKind, action: string, model: string | undefined, options: ReadOptions<R> = {}) {
    this.model = model;
    this.requiresReason = options.requireReason ?? false;
    this.#kind = kind;
    this.#action = action;
    this.#options = options;
  }

  action(facts: RequestFacts<R>): string {
    return this.search(facts) === undefined ? this.#action : 'SEARCH';
  }

  /** The text that a list is searched for. */
  search({ native, url }: RequestFacts<R>): string | undefined {
    if (this.#kind !== 'list') return undefined;
    if (this.#options.search !== undefined) return textOf(this.#options.search(native));
    const query = queryOf(url);
    return query && SEARCHES.map((name) => textOf(query[name])).find((text) => text !== undefined);
  }

  reason(facts: RequestFacts<R>): string | undefined {
    if (this.#options.reason !== undefined) return textOf(this.#options.reason(facts.native));
    const body = facts.body();
    return (
      textOf(facts.header('x-audit-reason')) ??
      textOf(queryOf(facts.url)?.['reason']) ??
      (isFields(body) ? textOf(body['reason']) : undefined)
    );
  }

  target({ native }: RequestFacts<R>, inRoute: Target | undefined): Target | undefined {
    const { id } = this.#options;
    return this.#named(inRoute, id === undefined ? inRoute?.id : idText(id(native)));
  }

  /** A redirection shows no record, but may well lead to the file that was asked for. */
  isShownBy(status: number): boolean {
    const isRedirection = status >= 300 && status !== 304;
    return status < 400 && (!isRedirection || this.#kind === 'file' || this.#kind === 'act');
  }

  event(shown: Shown<R>): LooseInput {
    const { facts, answer } = shown;
    const about = this.#about(shown);
    const search = this.search(facts);
    const action = search === undefined ? this.#action : 'SEARCH';
    const own = this.#options.metadata?.(facts.native, answer);
    const isMore = search !== undefined || own !== undefined;
    const metadata = isMore ? Object.assign({}, about.metadata, { search }, own) : about.metadata;
    return {
      action,
      source: 'read',
      target: about.target,
      subjectId: about.subjectId,
      subjects: about.subjects,
      metadata,
    };
  }

  /** What is known without any function of the application's. */
  bareEvent(inRoute: Target | undefined): LooseInput {
    return { action: this.#action, source: 'read', target: this.#named(inRoute, inRoute?.id) };
  }

  #named(inRoute: Target | undefined, id: string | undefined): Target | undefined {
    const type = this.model ?? inRoute?.type;
    return type === undefined ? undefined : { type, id };
  }

  #about(shown: Shown<R>): About {
    const { facts, answer, rules, head } = shown;
    const target = this.target(facts, shown.inRoute);
    if (target === undefined) return {};
    // Of an answer that was streamed, or had not changed, nothing is known.
    if (answer === undefined)
      return this.#kind === 'file' ? { target, metadata: { ...fileIn(head) } } : { target };
    const isList = this.#kind === 'list' || Array.isArray(answer);
    const about = isList
      ? aboutList(target, answer, rules, this.#options)
      : aboutRecord(target, answer, rules, this.#options);
    return this.#kind === 'file' ? { ...about, metadata: { ...about.metadata, ...fileIn(head) } } : about;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
