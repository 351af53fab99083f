import type { Rewritten } from '../plan.js';
import type { CommandComplete, DataRow, RowDescription } from './driver.js';

/** Turns the server's answer to a rewritten statement into the answer to the one that was asked. */
export interface Answer {
  /** Undefined where the statement returns no rows. */
  describe(message: RowDescription): RowDescription | undefined;
  row(message: DataRow): DataRow | undefined;
  complete(message: CommandComplete): CommandComplete;
}

export function answerTo(plan: Rewritten): Answer {
  return plan.answer === 'count' ? new Counted(plan.command) : new Projected(plan);
}

class Counted implements Answer {
  readonly #command: string;
  #rows = '0';

  constructor(command: string) {
    this.#command = command;
  }

  describe(): undefined {
    return undefined;
  }

  row({ fields }: DataRow): undefined {
    this.#rows = fields[0] ?? '0';
  }

  complete(message: CommandComplete): CommandComplete {
    return { ...message, text: tag(this.#command, this.#rows) };
  }
}

class Projected implements Answer {
  readonly #command: string;
  readonly #hidden: number;

  constructor({ command, hiddenColumns }: Rewritten) {
    this.#command = command;
    this.#hidden = hiddenColumns;
  }

  describe(message: RowDescription): RowDescription {
    return this.#shown(message);
  }

  row(message: DataRow): DataRow {
    return this.#shown(message);
  }

  /** A portal that is read in parts says the rows of its last part, with any command: the number is kept. */
  complete(message: CommandComplete): CommandComplete {
    return { ...message, text: tag(this.#command, message.text.split(' ').at(-1) ?? '0') };
  }

  #shown<M extends { readonly fields: readonly unknown[] }>(message: M): M {
    if (this.#hidden === 0) return message;
    const fields = message.fields.slice(0, -this.#hidden);
    return { ...message, fields, fieldCount: fields.length };
  }
}

function tag(command: string, rows: string): string {
  return command === 'INSERT' ? `INSERT 0 ${rows}` : `${command} ${rows}`;
}

/** How many rows a command's tag says were written; undefined when it says nothing of it. */
export function writtenRows(text: string): number | undefined {
  const found = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/.exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
