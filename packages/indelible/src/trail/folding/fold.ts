import type { Draft } from '../../event/draft.js';
import type { Actor, Outcome, RequestInfo, Source, Target } from '../../event/event.js';
import type { LooseInput } from '../../event/input.js';
import { Agreed } from './agreed.js';
import { Tally } from './tally.js';

/** What is known of an event before it has an id. */
export type Unnumbered = Omit<Draft, 'id' | 'timestamp'>;

/** One thing that is counted of the events of a fold. */
export interface Trait {
  /** Where it stands in the metadata, as a list of `{ [name]: text, count }`. */
  readonly list: string;
  readonly name: string;
  readonly of: (event: Unnumbered) => unknown;
  /** So many are told apart; twenty where it is not said. */
  readonly room?: number;
  /** True for what one tenant must not read of another. */
  readonly isPersonal?: true;
  /** True for what the event says elsewhere while it is the same for all. */
  readonly isForMany?: true;
}

/** What is told of many events that became one. */
export interface FoldKind {
  readonly traits: readonly Trait[];
  /** True where whoever acted has not been proved to be anybody. */
  readonly isAnonymous: boolean;
}

/** So many of the people whom folded events are about are named. */
const SUBJECTS = 500;
const SEVERITY: readonly (Outcome | undefined)[] = [undefined, 'success', 'failure', 'denied', 'error'];
const SOMEBODY: Actor = { type: 'anonymous' };

/** Many events that say nearly the same, on their way to become one that says how many they were. */
export class Fold {
  readonly #action: string;
  readonly #kind: FoldKind;
  readonly #tallies: readonly Tally[];
  readonly #source: Agreed<Source> = new Agreed();
  readonly #actor: Agreed<Actor> = new Agreed();
  readonly #tenant: Agreed<string> = new Agreed();
  readonly #target: Agreed<Target> = new Agreed();
  readonly #subject: Agreed<{ readonly id: string | undefined; readonly label: string | undefined }> =
    new Agreed();
  readonly #address: Agreed<RequestInfo> = new Agreed();
  readonly #subjects: Set<string> = new Set();
  readonly #first: number = Date.now();
  #last: number = this.#first;
  #severity = 0;
  #count = 0;

  constructor(action: string, kind: FoldKind) {
    this.#action = action;
    this.#kind = kind;
    this.#tallies = kind.traits.map(({ room }) => new Tally(room));
  }

  add(event: Unnumbered, by: number): void {
    const { actor, target, request, subjectId, subjectLabel } = event;
    this.#last = Date.now();
    this.#severity = Math.max(this.#severity, SEVERITY.indexOf(event.outcome));
    this.#source.see(event.source, event.source);
    this.#actor.see(actor, actor.type, actor.id, actor.username);
    this.#tenant.see(event.tenantId, event.tenantId);
    this.#target.see(target, target?.type, target?.id);
    this.#subject.see({ id: subjectId, label: subjectLabel }, subjectId);
    this.#address.see(request && { ip: request.ip, ipSource: request.ipSource }, request?.ip);
    if (subjectId !== undefined && this.#subjects.size < SUBJECTS) this.#subjects.add(subjectId);
    this.#kind.traits.forEach(({ of }, n) => this.#tallies[n]?.add(of(event), by));
    // Last: what throws before has not been counted, and stands alone.
    this.#count += by;
  }

  /** The one event that they all become. What events of several tenants share is nobody's. */
  told(): LooseInput {
    const isOne = !this.#tenant.differ;
    return {
      action: this.#action,
      outcome: SEVERITY[this.#severity],
      source: this.#source.value,
      actor: (this.#kind.isAnonymous ? undefined : this.#actor.value) ?? SOMEBODY,
      tenantId: this.#tenant.value,
      target: isOne ? this.#target.value : undefined,
      subjectId: isOne ? this.#subject.value?.id : undefined,
      subjectLabel: isOne ? this.#subject.value?.label : undefined,
      subjects: isOne && this.#subject.differ ? [...this.#subjects] : undefined,
      request: this.#address.value,
      count: this.#count,
      metadata: {
        folded: true,
        first: new Date(this.#first).toISOString(),
        last: new Date(this.#last).toISOString(),
        ...this.#counted(isOne),
      },
    };
  }

  #counted(isOne: boolean): Record<string, unknown> {
    const counted: Record<string, unknown> = {};
    this.#kind.traits.forEach(({ list, name, isPersonal, isForMany }, n) => {
      const told = this.#tallies[n]?.told(name) ?? [];
      if ((isOne || isPersonal !== true) && told.length > (isForMany ? 1 : 0)) counted[list] = told;
    });
    return counted;
  }
}
