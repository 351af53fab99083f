import { Worker } from 'node:worker_threads';

import type { Failpoint } from '../failpoints.js';
import type { RemovalKind } from '../removal.js';
import { failure, type Failure } from './failure.js';
import type { RemovalStep } from './removal-steps.js';
import type { SealStep } from './seal-steps.js';

export interface ThreadOptions {
  readonly path: string;
  readonly readonly: boolean;
  readonly pragmas: readonly string[];
}

export interface Command {
  readonly sql: string;
  readonly params: readonly unknown[];
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
  | {
      readonly operation: 'seal';
      /** What must be found for the steps to be taken. */
      readonly standing: Command;
      readonly steps: readonly SealStep[];
      readonly dieAt: Failpoint | undefined;
    }
  | {
      readonly operation: 'remove';
      /** The removal that is asked for: its kind says which of the steps are taken. */
      readonly standing: Command;
      /** How often holds must have changed for it to be removed, and how that is counted. */
      readonly holds: { readonly sql: string; readonly changes: number };
      readonly steps: Readonly<Record<RemovalKind, readonly RemovalStep[]>>;
      readonly dieAt: Failpoint | undefined;
    }
  | { readonly operation: 'change'; readonly change: Command; readonly answer: Command }
  | ({ readonly operation: 'merge' } & Command)
  | { readonly operation: 'checkpoint' | 'lock' }
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
  readonly failure?: Failure;
}

interface Waiting {
  readonly message: Message;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
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
      this.#waiting.set(id, { message, resolve, reject });
      worker.ref();
      worker.postMessage({ id, ...message });
    });
  }

  /** What was sent before is still answered. */
  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    await this.send({ operation: 'close' });
    this.#worker = undefined;
  }

  #start(): Worker {
    // Without the flags of the process, some of which (--input-type, for one) no file can be started with.
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), {
      workerData: this.#options,
      execArgv: [],
    });
    worker.on('message', (reply: Reply) => this.#settle(worker, reply));
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the thread ended')));
    return worker;
  }

  #settle(worker: Worker, reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) worker.unref();
    if (reply.failure) waiting?.reject(this.#failure(reply.failure, waiting.message));
    else waiting?.resolve(reply.result);
  }

  /** A thread that fails also ends, when another may have been started in its place. */
  #fail(worker: Worker, { message: text, name }: Error & { code?: string }): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { message, reject } of waiting)
      reject(this.#failure({ kind: 'failed', text, code: name }, message));
  }

  #failure(failed: Failure, message: Message): Error {
    return failure(failed, message, this.#options.path);
  }
}
