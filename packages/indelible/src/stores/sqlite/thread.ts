import { Worker } from 'node:worker_threads';

import { AuditError } from '../../event/errors.js';

export interface ThreadOptions {
  readonly path: string;
  readonly readonly: boolean;
  readonly pragmas: readonly string[];
}

/** One of the operations that thread.mjs knows, with what it needs. */
export type Message =
  | {
      readonly operation: 'read';
      readonly sql: string;
      readonly params: readonly unknown[];
      readonly budgetMs: number;
    }
  | {
      readonly operation: 'write';
      readonly insert: string;
      readonly insertSubject: string;
      readonly select: string;
      readonly rows: readonly WriteRow[];
    }
  | { readonly operation: 'migrate'; readonly ledger: string; readonly migrations: readonly object[] }
  | { readonly operation: 'close' };

export interface WriteRow {
  readonly row: readonly unknown[];
  readonly digest: Uint8Array;
  readonly subjects: readonly (readonly unknown[])[];
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly text: string; readonly code?: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: AuditError) => void;
}

/**
 * A SQLite connection on a thread of its own. Started with the first message; holds the process alive only
 * while an answer is awaited. A thread that dies rejects what was awaited and is started anew.
 */
export class SqliteThread {
  readonly #options: ThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  send(message: Message): Promise<unknown> {
    const worker = (this.#worker ??= this.#start());
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, ...message });
    });
  }

  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    await this.send({ operation: 'close' });
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: this.#options });
    worker.on('message', (reply: Reply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the thread ended')));
    return worker;
  }

  #settle(worker: Worker, { id, result, error }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) worker.unref();
    if (error) waiting?.reject(this.#translate(error));
    else waiting?.resolve(result);
  }

  #translate({ text, code }: NonNullable<Reply['error']>): AuditError {
    if (code === 'TIMEOUT') {
      return new AuditError(
        'QUERY_TIMEOUT',
        'The question took longer than allowed: narrow it, for instance to a range of dates.',
      );
    }
    return new AuditError(
      'STORE_UNAVAILABLE',
      `The trail in ${this.#options.path} could not be used: ${text} (${code ?? 'no code'}).`,
    );
  }

  #fail(cause: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(
        AuditError.from(cause, 'STORE_UNAVAILABLE', `The trail in ${this.#options.path} could not be used`),
      );
    }
    this.#waiting.clear();
  }
}
