import type { AuditEvent } from '../../event/event.js';

/** More people than this are not counted one by one. */
const MOST_SUBJECTS = 100_000;

/** What an export has handed out so far. */
export class Account {
  events = 0;
  /** True when there was more, and no more was asked for. */
  isTruncated = false;
  readonly #subjects: Set<string> = new Set();

  add(event: AuditEvent): void {
    this.events += 1;
    for (const id of event.subjects.length > 0 ? event.subjects : [event.subjectId])
      if (id !== null && this.#subjects.size < MOST_SUBJECTS) this.#subjects.add(id);
  }

  /** How many people, of whom there may be more once there are a hundred thousand. */
  get subjects(): number {
    return this.#subjects.size;
  }

  get subjectsAreExact(): boolean {
    return this.#subjects.size < MOST_SUBJECTS;
  }

  firstSubjects(most: number): readonly string[] {
    return [...this.#subjects].slice(0, most);
  }
}

/** The events of an export one by one, accounted for, up to a limit. */
export async function* rowsOf(
  events: AsyncIterable<AuditEvent>,
  account: Account,
  limit: number,
  leftOut: () => string | undefined,
): AsyncGenerator<AuditEvent> {
  for await (const event of events) {
    // The export's own event is no part of what it was asked for.
    if (event.id === leftOut()) continue;
    if (account.events >= limit) {
      account.isTruncated = true;
      return;
    }
    account.add(event);
    yield event;
  }
}
