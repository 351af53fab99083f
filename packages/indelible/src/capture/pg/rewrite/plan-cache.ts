import type { Plan } from '../plan.js';

/** A statement so long is a one-off: its values are in its text. */
const LONGEST_SHARE = 16;

/** The plans of the statements seen last, within a number of characters. */
export class PlanCache {
  readonly #plans = new Map<string, Plan>();
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(text: string): Plan | undefined {
    const plan = this.#plans.get(text);
    if (!plan) return undefined;
    this.#plans.delete(text);
    this.#plans.set(text, plan);
    return plan;
  }

  set(text: string, plan: Plan): void {
    const size = sizeOf(text, plan);
    if (size > this.#limit / LONGEST_SHARE) return;
    this.#plans.set(text, plan);
    this.#held += size;
    for (const [oldest, held] of this.#plans) {
      if (this.#held <= this.#limit) break;
      this.#plans.delete(oldest);
      this.#held -= sizeOf(oldest, held);
    }
  }
}

function sizeOf(text: string, plan: Plan): number {
  return text.length + (plan.kind === 'rewritten' ? plan.text.length : 0);
}
