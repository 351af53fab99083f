import type { Passed, Plan, Told } from '../plan.js';
import { writtenRows } from './answer.js';
import type { Call } from './call.js';
import { isServerError, type Connection, type Submittable } from './driver.js';
import { Interception } from './interception.js';
import { isMisunderstanding } from './refusal.js';
import { Rewriting } from './rewriting.js';
import type { Doubted, Session, Unplanned } from './session.js';
import { refusalOf, tell } from './telling.js';
import { Words } from './words.js';

const SETS_PATH =
  /\bsearch_path\b|\bset\s+(local\s+|session\s+)?(role|session\s+authorization)\b|\breset\s+(all|role|session)\b|\bdiscard\s+all\b/i;
const FORGETS_NAMES = /\b(discard|deallocate)\s+(prepare\s+)?all\b/i;
/** What may hold anything, a definition or a search path too. */
const MAY_CHANGE_ANYTHING = new Set(['MULTIPLE', 'DO', 'CALL', 'EXECUTE']);

/** Sees to it that a statement is planned when its turn comes; the context is asked for only when it writes. */
export function intercept(session: Session, query: Submittable, call: Call): Statement {
  const way = new Interception(query);
  const statement = new Statement(session, way, call);
  query.submit = (connection) => statement.submit(connection);
  return statement;
}

/**
 * One statement of the application's. It is planned when it is sent and not when it is called, since
 * what waits in front of it may change what it means; and its answer is turned back message by message,
 * so that whoever reads it, by promise, callback, event or cursor, sees what was asked for.
 */
export class Statement {
  readonly #session: Session;
  readonly #way: Interception;
  readonly #words: Words;
  readonly #call: Call;
  #attempt = 0;

  constructor(session: Session, way: Interception, call: Call) {
    this.#session = session;
    this.#way = way;
    this.#words = new Words(way.query);
    this.#call = call;
  }

  /** What waits for its turn must not see what becomes of the context until then. */
  keepContext(): void {
    if (this.#attempt === 0) this.#call.context();
  }

  submit(connection: Connection): unknown {
    const { name } = this.#words;
    const text = this.#words.text ?? (name === undefined ? undefined : this.#session.names.textOf(name));
    if (text === undefined) return this.#way.submit(connection);
    const clash = name === undefined ? undefined : this.#session.names.learn(name, text);
    if (clash !== undefined) return clash;
    this.#attempt += 1;
    return this.#send(this.#session.plan(text), text, connection);
  }

  #send(plan: Plan | Doubted | Unplanned, text: string, connection: Connection): unknown {
    switch (plan.kind) {
      case 'passed':
        return this.#pass(plan, text, connection);
      case 'told':
        return this.#tell(plan, text, connection);
      case 'unplanned':
        return this.#lose(plan, text, connection);
      case 'rewritten': {
        const rewriting = new Rewriting(this.#session, this.#way, this.#words, {
          plan,
          text,
          attempt: this.#attempt,
          call: this.#call,
        });
        const sent = rewriting.submit(connection);
        if (sent !== 'too many parameters') return sent;
        return this.#tell(tooManyParameters(plan.command, plan.model), text, connection);
      }
    }
  }

  #pass({ definesTables }: Passed, text: string, connection: Connection): unknown {
    if (FORGETS_NAMES.test(text)) this.#session.names.forget();
    const changes = changeBy(definesTables, text);
    if (changes === undefined && !this.#session.isUnsettled) return this.#sendOwn(text, connection);
    this.#session.gate.close();
    this.#way.handle({
      handleCommandComplete: (message, to) => {
        if (changes !== undefined) this.#session.changed(changes);
        this.#way.own.handleCommandComplete?.(message, to);
      },
      handleReadyForQuery: (to) => this.#end(to),
      handleError: (error, to) => this.#fail(error, to),
    });
    return this.#sendOwn(text, connection);
  }

  #tell(plan: Told | Doubted, text: string, connection: Connection): unknown {
    const refusal = refusalOf(this.#session, plan, text);
    if (refusal !== undefined) return refusal;
    if (FORGETS_NAMES.test(text)) this.#session.names.forget();
    this.#watch(
      (tags, to) => {
        if (MAY_CHANGE_ANYTHING.has(plan.verb)) this.#session.changed('catalogue');
        const outcome = { text, context: this.#call.context(), rows: rowsOf(tags) };
        if (outcome.rows !== 0) this.#call.changed();
        tell(this.#session, plan, outcome, () => this.#end(to));
      },
      (error) => {
        if ('doubted' in plan) this.#clear(plan, error);
      },
    );
    return this.#sendOwn(text, connection);
  }

  /** The user's own text fails too: it was not the rewriting that was to blame. */
  #clear({ doubted }: Doubted, error: unknown): void {
    if (isMisunderstanding(error)) this.#session.database.mendPlan(doubted.text);
    this.#call.failed(doubted, error);
  }

  /** Without a catalogue a write goes on and is reported as lost, or does not go on. */
  #lose({ problem }: Unplanned, text: string, connection: Connection): unknown {
    const { database } = this.#session;
    if (database.isClosed()) return problem;
    this.#watch((_, to) => {
      database.capturing.lost(problem);
      this.#end(to);
    });
    return this.#sendOwn(text, connection);
  }

  /** Sees whether something was done: a cursor may be closed before its first row was asked for. */
  #watch(onDone: (tags: string[], connection: Connection) => void, onError?: (error: unknown) => void): void {
    const { own } = this.#way;
    const tags: string[] = [];
    let wasAnswered = false;
    this.#session.gate.close();
    this.#way.handle({
      handleDataRow: (message) => {
        wasAnswered = true;
        own.handleDataRow?.(message);
      },
      handleCommandComplete: (message, connection) => {
        wasAnswered = true;
        tags.push(message.text);
        own.handleCommandComplete?.(message, connection);
      },
      handleReadyForQuery: (connection) => (wasAnswered ? onDone(tags, connection) : this.#end(connection)),
      handleError: (error, connection) => {
        onError?.(error);
        this.#fail(error, connection);
      },
    });
  }

  /** A statement that is called by its name alone may have been prepared under another name, or not at all. */
  #sendOwn(text: string, connection: Connection): unknown {
    if (this.#words.text === undefined) this.#words.replace({ text });
    const error = this.#way.submit(connection);
    if (error instanceof Error) this.#session.gate.open();
    return error;
  }

  /** It is over when the connection has learnt what it changed. */
  #end(connection: Connection): void {
    this.#session.whenLearnt(() => {
      this.#words.restore();
      this.#session.gate.open();
      this.#way.own.handleReadyForQuery(connection);
    });
  }

  /** After an error of the driver's own, such as a time-out, the server may still do the statement. */
  #fail(error: unknown, connection: Connection): void {
    if (isServerError(error)) {
      this.#words.restore();
      this.#session.openWhenReady();
    } else this.#session.gate.open();
    this.#way.own.handleError(error, connection);
  }
}

function changeBy(definesTables: boolean, text: string): 'catalogue' | 'path' | undefined {
  if (definesTables) return 'catalogue';
  return SETS_PATH.test(text) ? 'path' : undefined;
}

function rowsOf(tags: readonly string[]): number | null {
  const counts = tags.map(writtenRows).filter((count) => count !== undefined);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count);
}

function tooManyParameters(verb: string, model: string): Told {
  return {
    kind: 'told',
    verb,
    tables: [],
    models: [model],
    reason: 'It has as many parameters as there can be, and one more is needed.',
  };
}
