import type { Target } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { Fact } from '../trail/context.js';
import { completedBy, isSame, isSameRecord, isToldBy } from './told-by.js';

/** A request of a batch may read so many records; what is more is recorded at once. */
const MOST = 1_000;

/** What was recorded while a request was answered, and what was read and waits to be told with the answer. */
export class Findings {
  #seen: Fact[] | undefined;
  #taken: LooseInput[] | undefined;
  hasAny = false;
  /** True when something told that the request was not done. */
  hasRefusal = false;

  saw(fact: Fact): void {
    this.hasAny = true;
    if (fact.outcome !== 'success') this.hasRefusal = true;
    if (fact.target !== undefined && (this.#seen?.length ?? 0) < MOST) (this.#seen ??= []).push(fact);
  }

  /** False when there is no room for it; the same record read twice on the way was read once. */
  take(event: LooseInput): boolean {
    if ((this.#taken?.length ?? 0) >= MOST) return false;
    const taken = (this.#taken ??= []);
    const known = taken.findIndex((one) => isSameRecord(one, event));
    if (known === -1) taken.push(event);
    // Whoever tells of it last stands furthest out, and knows best.
    else taken[known] = completedBy(event, taken.slice(known, known + 1));
    return true;
  }

  /** True when the same has been recorded by hand. */
  has(event: LooseInput): boolean {
    return this.#seen?.some((fact) => isSame(fact, event)) ?? false;
  }

  /** What is shown, each with what was learnt of it on the way. */
  completed(shown: readonly LooseInput[]): readonly LooseInput[] {
    const taken = this.#taken;
    if (taken === undefined) return shown;
    return shown.map((event) =>
      completedBy(
        event,
        taken.filter((one) => isToldBy(one, event)),
      ),
    );
  }

  /** What was taken and is not told better by what is `shown`, or was read only to deny it. */
  takenBeside(shown: readonly LooseInput[], denied: Target | undefined): readonly LooseInput[] {
    const taken = this.#taken ?? [];
    this.#taken = undefined;
    return taken.filter(
      (event) => !shown.some((one) => isToldBy(event, one)) && !this.has(event) && !isDenied(event, denied),
    );
  }
}

function isDenied({ target }: LooseInput, denied: Target | undefined): boolean {
  return denied !== undefined && target?.type === denied.type && (denied.id ?? target.id) === target.id;
}
