import type { Clause, SelectedLeaf } from '../stores/removal.js';
import type { DecidedRule, Decision } from './manifest.js';
import type { Floor } from './policy.js';
import { type Asked, type Chosen, Previewing } from './preview.js';
import type { RemovalParts } from './removing.js';

export interface RunsOptions {
  readonly asOf: Date;
  readonly asked: Asked;
  /** How many leaves are decided over at once, which bounds the memory that it takes. */
  readonly size?: number | undefined;
}

const SIZE = 250_000;
const PAGE = 5_000;

/** What a clean-up decides over, run by run, each by the policies and holds of its moment. */
export class Runs {
  readonly #store: RemovalParts['store'];
  readonly #previewing: Previewing;
  readonly #options: RunsOptions;
  readonly #size: number;
  /** The clauses of the run before, and how far it has come: clause by clause, and id by id. */
  #before = '';
  #at = 0;
  #after: string | null = null;

  constructor(parts: RemovalParts, options: RunsOptions) {
    this.#store = parts.store;
    this.#previewing = new Previewing(parts);
    this.#options = options;
    this.#size = options.size ?? SIZE;
  }

  /** Undefined when there is nothing left that may go. */
  async next(): Promise<Pick<Decision, 'rules' | 'policies' | 'holds'> | undefined> {
    const { asOf, asked } = this.#options;
    const chosen = await this.#previewing.choose(asOf, asked);
    this.#beginAgainUnlessSame(chosen);
    const rules: DecidedRule[] = [];
    let left = this.#size;
    while (left > 0) {
      const clause = chosen.selection.clauses[this.#at];
      if (clause === undefined) break;
      const rule = await this.#ruleOf(clause, chosen, left);
      if (rule === undefined) this.#moveOn();
      else {
        rules.push(rule);
        left -= rule.indexes.length;
        this.#after = rule.lastId;
        if (left > 0) this.#moveOn();
      }
    }
    const { policies, holds } = chosen;
    return rules.length === 0 ? undefined : { rules, policies, holds };
  }

  #moveOn(): void {
    this.#at += 1;
    this.#after = null;
  }

  /** A policy that was changed meanwhile may mean what was passed over. */
  #beginAgainUnlessSame({ selection }: Chosen): void {
    const clauses = JSON.stringify(selection.clauses);
    if (this.#before === clauses) return;
    [this.#before, this.#at, this.#after] = [clauses, 0, null];
  }

  /** The next leaves of a clause, at most so many; undefined when there are none. */
  async #ruleOf(clause: Clause, { selection }: Chosen, most: number): Promise<DecidedRule | undefined> {
    const indexes: number[] = [];
    const afterId = this.#after;
    let lastId = afterId;
    const clauses = { clauses: [clause], holds: selection.holds };
    for (let page: readonly SelectedLeaf[] | undefined; page?.length !== 0 && indexes.length < most;) {
      page = await this.#store.retention.select(clauses, lastId, Math.min(PAGE, most - indexes.length));
      for (const { index } of page) indexes.push(index);
      lastId = page.at(-1)?.id ?? lastId;
    }
    if (lastId === null || indexes.length === 0) return undefined;
    const floorDays = floorOf(clause, this.#options.asked.terms.floor);
    return { clause, floorDays, indexes: Float64Array.from(indexes), afterId, lastId };
  }
}

/** A clause of both kinds of events is as old as either of them must be. */
function floorOf({ hasSubject }: Clause, { withSubject, others }: Floor): number {
  if (hasSubject === undefined) return Math.max(withSubject, others);
  return hasSubject ? withSubject : others;
}
