import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type Message = { readonly answer?: unknown; readonly error?: string };

/** A program of this bench in a process of its own, which is asked one thing at a time. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  private constructor(file: URL, parameters: readonly string[]) {
    this.#process = fork(file, parameters, { env: { ...process.env, NODE_ENV: 'production' } });
    this.#ended = once(this.#process, 'exit').then(([code]) => {
      throw new Error(`${file.pathname} ended by itself (${String(code)}).`);
    });
    this.#ended.catch(() => undefined);
  }

  /** Started, with the first message that it sent. */
  static async start(file: URL, ...parameters: readonly string[]): Promise<{ child: Child; hello: unknown }> {
    const child = new Child(file, parameters);
    return { child, hello: await child.#message() };
  }

  async ask(message: object | string): Promise<unknown> {
    this.#process.send(message);
    const { answer, error } = (await this.#message()) as Message;
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  /** It ends when nobody listens to it any more. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }

  async #message(): Promise<unknown> {
    const [message] = (await Promise.race([once(this.#process, 'message'), this.#ended])) as [unknown];
    return message;
  }
}
