/** What is needed of standard output and standard error. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** On and off, as the terminals count them. */
const STYLES = { bold: [1, 22], dim: [2, 22], green: [32, 39], yellow: [33, 39] } as const;
const CONTROL = /\p{Cc}+/gu;

/** Where a command writes: results to standard output, everything that is said about them to standard error. */
export class Terminal {
  readonly #output: TerminalStream;
  readonly #errors: TerminalStream;
  readonly #isColoured: boolean;

  constructor(output: TerminalStream, errors: TerminalStream, environment: NodeJS.ProcessEnv) {
    this.#output = output;
    this.#errors = errors;
    const { NO_COLOR = '', TERM } = environment;
    this.#isColoured = output.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
  }

  line(text: string): void {
    this.#output.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, undefined, 2));
  }

  note(text: string): void {
    this.#errors.write(`${text}\n`);
  }

  /** One line, whatever the message holds. */
  failure(code: string, message: string): void {
    this.note(`indelible: ${code}: ${message.replaceAll(CONTROL, ' ').trim()}`);
  }

  /** Coloured where a person looks on and has not asked for plain text. */
  style(style: keyof typeof STYLES, text: string): string {
    const [on, off] = STYLES[style];
    return this.#isColoured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}
