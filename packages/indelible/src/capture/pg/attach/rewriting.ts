import type { Rewritten } from '../plan.js';
import { answerTo, writtenRows } from './answer.js';
import type { Call } from './call.js';
import { isServerError, type Connection, type ServerError } from './driver.js';
import type { Interception } from './interception.js';
import { inlined, MOST_PARAMETERS, withoutNul } from './literal.js';
import { isForgotten, isMisunderstanding } from './refusal.js';
import { KEYS_MOVED } from '../rewrite/update.js';
import type { Session } from './session.js';
import type { Words } from './words.js';

export interface Attempt {
  readonly plan: Rewritten;
  /** The user's own text. */
  readonly text: string;
  /** Counts from one. */
  readonly attempt: number;
  readonly call: Call;
}

/** By the plan, by the plan of a catalogue read anew, and as it is. */
const MOST_ATTEMPTS = 3;
/** As PostgreSQL says it of other conflicts, so that what retries those retries this. */
const TRY_AGAIN = {
  code: '40001',
  message: 'could not serialize access due to a concurrent change of keys',
  hint: 'Send the statement, or its transaction, again.',
};
const NO_DATA = { name: 'noData', length: 5 };

/** One sending of a rewritten statement. */
export class Rewriting {
  readonly #session: Session;
  readonly #way: Interception;
  readonly #words: Words;
  readonly #attempt: Attempt;
  /** The name we gave to a statement that had none. */
  #name: string | undefined;
  #isAbandoned = false;

  constructor(session: Session, way: Interception, words: Words, attempt: Attempt) {
    this.#session = session;
    this.#way = way;
    this.#words = words;
    this.#attempt = attempt;
  }

  submit(connection: Connection): unknown {
    const { plan } = this.#attempt;
    const { values } = this.#words;
    // The server refuses what has not its values, and should say so of the user's own text.
    if (values === undefined || values.length !== plan.contextAt - 1) {
      this.#way.handle({});
      if (this.#words.text === undefined) this.#words.replace({ text: this.#attempt.text });
      return this.#way.submit(connection);
    }
    const isFull = plan.contextAt > MOST_PARAMETERS;
    const context = withoutNul(this.#attempt.call.context());
    const text = isFull ? this.#inline(context) : plan.text;
    if (text === undefined) return 'too many parameters';
    const name = this.#nameFor(text, isFull);
    const binary = plan.answer === 'rows' && this.#words.mayBeBinary ? {} : { binary: false };
    this.#words.replace({
      text,
      values: isFull ? [...values] : [...values, context],
      ...(name === undefined ? {} : { name }),
      ...binary,
    });
    this.#repair();
    return this.#way.submit(connection);
  }

  #inline(value: string): string | undefined {
    const { plan, text } = this.#attempt;
    return inlined(plan.text, { from: text, parameter: plan.contextAt, value });
  }

  #nameFor(text: string, isFull: boolean): string | undefined {
    const { names } = this.#session;
    const { name } = this.#words;
    if (name !== undefined) return names.rename(name, text);
    if (isFull || this.#attempt.attempt > 1 || !this.#words.isQuery) return undefined;
    this.#name = names.make(this.#attempt.plan, this.#attempt.text, this.#session.status !== 'I');
    return this.#name;
  }

  #repair(): void {
    const { plan } = this.#attempt;
    const { own } = this.#way;
    const answer = answerTo(plan);
    this.#way.handle({
      handleRowDescription: (message) => {
        const shown = answer.describe(message);
        if (shown !== undefined) own.handleRowDescription?.(shown);
        else this.#session.client.connection.emit('noData', NO_DATA); // A cursor waits for one or the other.
      },
      handleDataRow: (message) => {
        const shown = answer.row(message);
        if (shown !== undefined) own.handleDataRow?.(shown);
      },
      handlePortalSuspended: (connection) => {
        if (plan.answer === 'rows') own.handlePortalSuspended?.(connection);
        else own.handleCommandComplete?.(answer.complete({ text: '' }), connection);
      },
      handleCommandComplete: (message, connection) => {
        const complete = answer.complete(message);
        if (writtenRows(complete.text) !== 0) this.#attempt.call.changed();
        own.handleCommandComplete?.(complete, connection);
      },
      handleReadyForQuery: (connection) => {
        if (!this.#isAbandoned) this.#session.wrote();
        this.#words.restore();
        own.handleReadyForQuery(connection);
      },
      handleError: (error, connection) => this.#fail(error, connection),
    });
  }

  #fail(error: unknown, connection: Connection): void {
    if (!isServerError(error)) {
      this.#isAbandoned = true;
      return this.#way.own.handleError(error, connection);
    }
    this.#words.restore();
    if (isMisunderstanding(error) && this.#isSentAgain(error)) return;
    const { plan, call } = this.#attempt;
    if (error.message.includes(KEYS_MOVED)) Object.assign(error, TRY_AGAIN);
    call.failed(plan, error);
    if (error.position !== undefined) error.position = undefined; // It counted the letters of another text.
    this.#way.own.handleError(error, connection);
  }

  /**
   * Whether the fault is ours shows when the user's own text is sent. Inside a transaction, which has
   * failed, and for a cursor it is too late for that: the next time this text is told as a whole.
   */
  #isSentAgain(error: ServerError): boolean {
    const { plan, attempt } = this.#attempt;
    const session = this.#session;
    if (isForgotten(error)) session.names.forget();
    else if (this.#name !== undefined) session.names.spoil(this.#name);
    const isRepaired = session.repair();
    if (!session.isClosed(plan.model)) session.database.breakPlan(plan.text, reasonOf(error));
    else if (!isRepaired || attempt > 1) return false;
    if (attempt < MOST_ATTEMPTS && !this.#isAbandoned && this.#canBeRepeated()) {
      session.sendNext(this.#way.query);
      return true;
    }
    session.database.capturing.warn(
      `PostgreSQL did not understand what was made of ${article(plan.command)} on ${plan.model} (${error.code}: ${error.message}). ` +
        'The statement failed; from now on it is sent as it is, and recorded as a whole.',
    );
    return false;
  }

  #canBeRepeated(): boolean {
    const { status, client } = this.#session;
    return status === 'I' && !client.pipeline && this.#words.isQuery && !this.#words.isReadInParts;
  }
}

function article(command: string): string {
  return command === 'DELETE' ? 'a DELETE' : `an ${command}`;
}

function reasonOf({ code, message }: ServerError): string {
  return `PostgreSQL refused the statement that was made of it (${code}: ${message}).`;
}
