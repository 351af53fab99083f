import type { ModelRules } from '../capture/tables.js';
import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import { type About, aboutList, aboutRecord, type Selectors } from '../reads/about.js';
import { idText } from '../reads/shown.js';

/** What calls of a wrapped function are recorded as; `P` are the function's parameters. */
export interface WrapOptions<P extends unknown[], A extends string = string> extends Selectors {
  readonly action: A;
  readonly model?: string | undefined;
  /** The id of the record; by default what the answer has, else, but for lists and searches, the first parameter. */
  readonly id?: ((...parameters: P) => unknown) | undefined;
  readonly reason?: string | ((...parameters: P) => string | undefined) | undefined;
  /** What else the event of a call that was answered should say, such as what was searched for. */
  readonly metadata?: ((answer: unknown, ...parameters: P) => object | undefined) | undefined;
}

/** What a wrapped call asks of the trail. */
export interface WrapParts {
  rulesOf(model: string): ModelRules;
  isProtected(model: string): boolean;
  record(event: LooseInput): Promise<void> | undefined;
  recordRead(event: LooseInput): Promise<void> | undefined;
  report(error: AuditError): void;
}

/** One call of a wrapped function, and what is told of it. */
export class WrappedCall<P extends unknown[]> {
  readonly #parts: WrapParts;
  readonly #options: WrapOptions<P>;
  readonly #parameters: P;

  constructor(parts: WrapParts, options: WrapOptions<P>, parameters: P) {
    this.#parts = parts;
    this.#options = options;
    this.#parameters = parameters;
  }

  /** What was answered is given on when the event is where its delivery wants it. */
  async run<R>(fn: () => R): Promise<Awaited<R>> {
    let answer: Awaited<R>;
    try {
      answer = await fn();
    } catch (error) {
      await this.#failed(error);
      throw error;
    }
    await this.#answered(answer);
    return answer;
  }

  #answered(answer: unknown): Promise<void> | undefined {
    const { action } = this.#options;
    if (answer === undefined || answer === null) return this.#missed();
    const about = this.#about(answer);
    const more = this.#safely(() => this.#options.metadata?.(answer, ...this.#parameters));
    const metadata = { ...about.metadata, ...more };
    return this.#parts.recordRead({ action, ...this.#base(), ...about, metadata });
  }

  /** Nothing was found: nobody's business where the record is protected. */
  #missed(): Promise<void> | undefined {
    const { action, model } = this.#options;
    if (model !== undefined && this.#parts.isProtected(model)) return this.#denied(undefined);
    return model === undefined ? this.#parts.record({ action, ...this.#base() }) : undefined;
  }

  async #failed(error: unknown): Promise<void> {
    const { action, model } = this.#options;
    const status = statusOf(error);
    const isMissing = status === 404 && model !== undefined && this.#parts.isProtected(model);
    if (status === 401 || status === 403 || isMissing) return this.#denied(error);
    const outcome = status !== undefined && status < 500 ? 'failure' : 'error';
    await this.#parts.record({ action, outcome, error, ...this.#base(), target: this.#target() });
  }

  async #denied(error: unknown): Promise<void> {
    await this.#parts.record({
      action: 'ACCESS_DENIED',
      outcome: 'denied',
      error,
      ...this.#base(),
      target: this.#target(),
      metadata: { attempted: this.#options.action },
    });
  }

  #base(): Pick<LooseInput, 'source' | 'reason'> {
    const { reason } = this.#options;
    const given = typeof reason === 'function' ? this.#safely(() => reason(...this.#parameters)) : reason;
    return { source: 'read', reason: given };
  }

  #about(answer: unknown): About {
    const target = this.#target();
    if (target === undefined) return {};
    const about = Array.isArray(answer) || isListing(this.#options.action) ? aboutList : aboutRecord;
    return (
      this.#safely(() => about(target, answer, this.#parts.rulesOf(target.type), this.#options)) ?? { target }
    );
  }

  #target(): LooseInput['target'] {
    const { model, id } = this.#options;
    const named = id === undefined ? this.#firstParameter() : this.#safely(() => id(...this.#parameters));
    return model === undefined ? undefined : { type: model, id: idText(named) };
  }

  /** What a list is asked for is no id, and may be anybody's name. */
  #firstParameter(): unknown {
    return isListing(this.#options.action) ? undefined : this.#parameters[0];
  }

  /** A function of the application's that throws costs what it should have said, not the call. */
  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#parts.report(AuditError.from(error, 'INVALID_OPTIONS', 'A function given to wrap failed'));
      return undefined;
    }
  }
}

function isListing(action: string): boolean {
  return action === 'LIST' || action === 'SEARCH';
}

/** The status that an error of nearly any framework carries. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown };
  return [status, statusCode].find((one) => typeof one === 'number');
}
