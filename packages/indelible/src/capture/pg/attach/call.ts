import { AsyncResource } from 'node:async_hooks';

import type { Capturing } from '../../capturing.js';
import type { Rewritten } from '../plan.js';
import { isRefusal } from './refusal.js';

/** Where a statement was called from: what is asked of the trail later is asked in the context of then. */
export class Call {
  readonly #resource = new AsyncResource('indelible.statement');
  readonly #capturing: Capturing;
  #context: string | undefined;

  constructor(capturing: Capturing) {
    this.#capturing = capturing;
  }

  /** The context as text, taken when it is first asked for. */
  context(): string {
    return (this.#context ??= this.#resource.runInAsyncScope(() => this.#capturing.context()));
  }

  /** The server refused a write, or the answer to it was lost, which tells nothing. */
  failed({ command, model }: Rewritten, error: unknown): void {
    if (!isRefusal(error)) return;
    const context = this.context();
    this.#resource.runInAsyncScope(() => this.#capturing.failed({ op: command, model, error, context }));
  }

  changed(): void {
    this.#resource.runInAsyncScope(() => this.#capturing.changed());
  }
}
