import { AuditError } from '../event/errors.js';
import { readEvent, type StoredEntry } from '../event/read.js';
import { NO_CUT_OFF } from '../retention/manifest.js';
import { excludes, HOLD_MEMBERS } from '../retention/match.js';
import type { Hold } from '../retention/rule-events.js';
import { type Clause, type EventMatch, KEPT_ACTIONS } from '../stores/removal.js';
import type { EventReader } from '../stores/store.js';
import { isNamedIn, Names } from './names.js';

/** Whose events are meant, with ids as the trail stores them. */
export interface Person {
  readonly subjectId: string;
  /** Null for every tenant. */
  readonly tenantId: string | null;
  /** The model of the person's own record. */
  readonly model?: string | undefined;
  /** Also what the person did, where it is about nobody else. */
  readonly includeActor: boolean;
  /** Names that the application knows, besides those in the events. */
  readonly names: readonly string[];
}

/** The events that lose their payload, and how many of several people keep theirs. */
export interface Affected {
  readonly ids: ReadonlySet<string>;
  readonly kept: number;
}

/** What could be about the person; of several people's events some stay, which the manifest then does not name. */
export function clausesFor({ subjectId, tenantId, model, includeActor }: Person): Clause[] {
  const tenant = tenantId === null ? {} : { tenantId };
  const clause = (match: EventMatch): Clause => ({
    match: { ...match, ...tenant },
    except: [],
    recordedBefore: NO_CUT_OFF,
  });
  const clauses = [clause({ subjectId })];
  if (model !== undefined)
    clauses.push({ ...clause({ targetType: model, targetId: subjectId }), hasSubject: false });
  if (includeActor) clauses.push({ ...clause({ actorId: subjectId }), hasSubject: false });
  return clauses;
}

/**
 * Reads everything about the person, and says which events lose their payload. An event of several people holds ids
 * and counts, and keeps them for the others; only where it names this person is it emptied.
 */
export class Affecting {
  readonly #reader: Pick<EventReader, 'stream'>;
  readonly #person: Person;
  readonly #names = new Names();

  constructor(reader: Pick<EventReader, 'stream'>, person: Person) {
    this.#reader = reader;
    this.#person = person;
    for (const name of person.names) this.#names.add(name);
  }

  /** Throws where a hold keeps one of the events that would be emptied. */
  async find(holds: readonly Hold[]): Promise<Affected> {
    for await (const entry of this.#own()) this.#names.learn(readEvent(entry), this.#person);
    const ids = new Set<string>();
    let kept = 0;
    for await (const entry of this.#about()) {
      if (this.#isEmptied(entry)) ids.add(refuseHeld(entry, holds).core.id);
      else kept += 1;
    }
    for await (const entry of this.#unclaimed()) ids.add(refuseHeld(entry, holds).core.id);
    return { ids, kept };
  }

  #isEmptied(entry: StoredEntry): boolean {
    return isOf(entry, this.#person.subjectId) || isNamedIn(this.#names, readEvent(entry));
  }

  /** Events that are about this person alone, from which the names are learnt. */
  async *#own(): AsyncGenerator<StoredEntry> {
    const { subjectId } = this.#person;
    for await (const entry of this.#about()) if (isOf(entry, subjectId)) yield entry;
    yield* this.#unclaimed();
  }

  #about(): AsyncGenerator<StoredEntry> {
    return this.#stream({ subjectId: this.#person.subjectId });
  }

  /** The person's record, and what the person did, where the event has no subject. */
  async *#unclaimed(): AsyncGenerator<StoredEntry> {
    const { subjectId, model, includeActor } = this.#person;
    const wheres = [
      ...(model === undefined ? [] : [{ targetType: model, targetId: subjectId }]),
      ...(includeActor ? [{ actorId: subjectId }] : []),
    ];
    for (const where of wheres)
      for await (const entry of this.#stream(where)) if (isNobodys(entry)) yield entry;
  }

  /** Whatever still has a payload, and may lose it. */
  async *#stream(
    where: Pick<EventMatch, 'subjectId' | 'targetType' | 'targetId' | 'actorId'>,
  ): AsyncGenerator<StoredEntry> {
    const order = { column: 'timestamp', descending: false } as const;
    const { tenantId } = this.#person;
    for await (const entry of this.#reader.stream({ tenantId, where, order, limit: 1_000 }))
      if (entry.payload !== null && !KEPT_ACTIONS.includes(entry.core.action)) yield entry;
  }
}

/** The first hold that speaks of this very person, whether or not there is an event. */
export function holdOn({ subjectId, tenantId }: Person, holds: readonly Hold[]): Hold | undefined {
  const person = tenantId === null ? { subjectId } : { subjectId, tenantId };
  return holds.find(({ match }) => match.subjectId !== undefined && !excludes(match, person));
}

export function underHold({ id, reason }: Hold): AuditError {
  return new AuditError(
    'UNDER_HOLD',
    `Nothing was erased: the hold ${id} keeps events about this person, for "${reason}". Release it when it is over, and erase then.`,
  );
}

function refuseHeld(entry: StoredEntry, holds: readonly Hold[]): StoredEntry {
  const hold = holds.find(({ match }) => isHeld(entry, match));
  if (hold !== undefined) throw underHold(hold);
  return entry;
}

function isHeld(entry: StoredEntry, match: EventMatch): boolean {
  const { core } = entry;
  const values: Record<keyof EventMatch, readonly (string | undefined)[]> = {
    tenantId: [core.tenant_id ?? ''],
    action: [core.action],
    targetType: [core.target?.type],
    targetId: [core.target?.id],
    actorId: [core.actor.id],
    subjectId: [core.subject_id, ...listedIn(entry)],
  };
  return HOLD_MEMBERS.every((name) => match[name] === undefined || values[name].includes(match[name]));
}

/** True for an event that is about one person, or whose list names nobody else. */
function isOf(entry: StoredEntry, subjectId: string): boolean {
  const { subject_id: own } = entry.core;
  return own === undefined ? listedIn(entry).every((one) => one === subjectId) : own === subjectId;
}

function isNobodys(entry: StoredEntry): boolean {
  return entry.core.subject_id === undefined && listedIn(entry).length === 0;
}

/** Whom a list is about. Not every store gives them with an entry: they are in the payload, which is still there. */
function listedIn(entry: StoredEntry): readonly string[] {
  return entry.search.subjects ?? readEvent(entry).subjects;
}
