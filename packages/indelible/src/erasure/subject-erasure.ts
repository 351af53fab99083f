import { AuditError } from '../event/errors.js';
import { idText } from '../event/id-text.js';
import type { LooseInput } from '../event/input.js';
import { countOf, type DecidedRule, type Decision } from '../retention/manifest.js';
import { excludes } from '../retention/match.js';
import { type Pace, type RemovalParts, Removing } from '../retention/removing.js';
import type { Hold } from '../retention/rule-events.js';
import { Rules } from '../retention/rules.js';
import type { Clause, SelectedLeaf } from '../stores/removal.js';
import { type Affected, Affecting, clausesFor, holdOn, type Person, underHold } from './affected.js';

export interface ErasureParts extends RemovalParts {
  /** The tenant of the context of now; '' where there is none. */
  readonly tenantId: () => string;
  /** Resolves when the local disk holds nothing any more of what is in the store. */
  readonly settle: () => Promise<void>;
}

export interface ErasureOptions extends Pace {
  /** Why. Stays for ever: name nobody in it. */
  readonly reason: string;
  /** The application's own number of the request, such as that of a ticket. Stays for ever. */
  readonly request: string;
  /** The person's tenant: that of the context by default, null for every tenant. */
  readonly tenantId?: string | null | undefined;
  /** The model of the person's own record: its events are erased too where they were recorded without a subject. */
  readonly model?: string | undefined;
  /** Also what was done by an actor of this id, where it is about nobody else. */
  readonly includeActor?: boolean | undefined;
  /** The person's names, addresses and numbers, besides those in the events: lists and searches that hold one are emptied. */
  readonly names?: readonly string[] | undefined;
}

export interface Erased {
  /** How many events have lost their payload now; none when there was nothing left to erase. */
  readonly erased: number;
  /** How many lists and searches keep theirs, since they concern others too and do not name this person. */
  readonly kept: number;
  /** The SUBJECT_ERASED event; null when there was nothing to erase. */
  readonly event: string | null;
  /** False when it was stopped: the next erasure or clean-up goes on with it. */
  readonly isDone: boolean;
}

const PAGE = 5_000;

/** Empties every event about a person: they stay counted and provable, and nothing in them can be read any more. */
export class SubjectErasure {
  readonly #parts: ErasureParts;
  readonly #removing: Removing;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
    this.#removing = new Removing(parts);
  }

  /** What is recorded while it runs is of a later time, and stays. A second call erases what has come since. */
  async erase(subjectId: string, options: ErasureOptions): Promise<Erased> {
    const person = this.#personOf(subjectId, options);
    const { reason, request } = options;
    for (const [name, text] of Object.entries({ reason, request }))
      if (typeof text !== 'string' || text.trim() === '') throw missing(name);
    return this.#removing.alone(options, () => this.#erase(person, options));
  }

  async #erase(person: Person, options: ErasureOptions): Promise<Erased> {
    const { isDone } = await this.#removing.goOn(options);
    if (!isDone) return { erased: 0, kept: 0, event: null, isDone: false };
    await this.#parts.seal();
    const holds = await new Rules(this.#parts).holds();
    const affected = await this.#affected(person, holds);
    const { kept } = affected;
    const rules = await this.#rulesOf(affected.ids, clausesFor(person));
    if (rules.length === 0) return this.#erased({ erased: 0, kept, event: null, isDone: true });
    const { reason, request, signal } = options;
    if (signal?.aborted === true) return { erased: 0, kept, event: null, isDone: false };
    const decidedAt = new Date().toISOString();
    // What other tenants hold is not theirs to read who are given this removal.
    const mine = holds.filter(({ match }) => !excludes(match, { tenantId: person.tenantId ?? undefined }));
    const decision: Decision = {
      kind: 'erase',
      rules,
      policies: [],
      holds: mine,
      reason,
      request,
      decidedAt,
    };
    const decided = await this.#removing.decide(decision, erasureEvent(person, decision));
    const removed = await this.#removing.carryOut(decided, options);
    return this.#erased({ erased: removed.removed, kept, event: decided.eventId, isDone: removed.isDone });
  }

  async #affected(person: Person, holds: readonly Hold[]): Promise<Affected> {
    const hold = holdOn(person, holds);
    if (hold !== undefined) throw underHold(hold);
    return new Affecting(this.#parts.store, person).find(holds);
  }

  async #rulesOf(ids: ReadonlySet<string>, clauses: readonly Clause[]): Promise<DecidedRule[]> {
    const left = new Set(ids);
    const rules: DecidedRule[] = [];
    for (const clause of clauses) {
      const rule = await this.#ruleOf(left, clause);
      if (rule !== undefined) rules.push(rule);
    }
    return rules;
  }

  /** The leaves of the events that are of this clause and of none before it. */
  async #ruleOf(left: Set<string>, clause: Clause): Promise<DecidedRule | undefined> {
    const indexes: number[] = [];
    let [lastId, after]: [string | undefined, string | null] = [undefined, null];
    for (let page: readonly SelectedLeaf[] | undefined; page?.length !== 0 && left.size > 0;) {
      page = await this.#parts.store.retention.select({ clauses: [clause], holds: [] }, after, PAGE);
      for (const { id, index } of page) {
        after = id;
        if (!left.delete(id)) continue;
        indexes.push(index);
        lastId = id;
      }
    }
    if (lastId === undefined) return undefined;
    return { clause, floorDays: 0, indexes: Float64Array.from(indexes), afterId: null, lastId };
  }

  /** What came by way of the local disk must not be left there. */
  async #erased(erased: Erased): Promise<Erased> {
    await this.#parts.settle();
    return erased;
  }

  #personOf(given: string, { tenantId, model, includeActor, names }: ErasureOptions): Person {
    const subjectId = typeof given === 'string' ? idText(given, new Set()) : undefined;
    if (subjectId === undefined) throw missing('subjectId');
    return {
      subjectId,
      tenantId: tenantId === null ? null : storedTenant(tenantId ?? this.#parts.tenantId()),
      model,
      includeActor: includeActor === true,
      names: names ?? [],
    };
  }
}

/** The id stands in it, and no name. */
function erasureEvent({ subjectId, tenantId }: Person, decision: Decision): (digest: string) => LooseInput {
  return (digest) => ({
    action: 'SUBJECT_ERASED',
    subjectId,
    ...(tenantId === null || tenantId === '' ? {} : { tenantId }),
    reason: decision.reason,
    metadata: { manifest: digest, count: countOf(decision), request: decision.request },
  });
}

function storedTenant(given: string): string {
  return idText(given, new Set()) ?? '';
}

function missing(name: string): AuditError {
  return new AuditError('INVALID_OPTIONS', `Nothing was erased: ${name} is missing; give a text.`);
}
