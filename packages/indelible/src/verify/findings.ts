import { type EventVerdict, isLogVerdict, type LogVerdict, type Violation, worse } from './verdict.js';

type Place = Partial<Pick<Violation, 'index' | 'last' | 'id'>>;

/** Counts every verdict, and keeps the first violations: a log that was spoilt altogether must not fill the memory. */
export class Findings {
  readonly #most: number;
  readonly #violations: Violation[] = [];
  readonly #counts: Record<EventVerdict, number> = {
    VALID: 0,
    PENDING: 0,
    PURGED: 0,
    ERASED: 0,
    TAMPERED: 0,
    MISSING: 0,
  };
  #total = 0;
  #log: LogVerdict = 'CONSISTENT';

  constructor(most: number) {
    this.#most = most;
  }

  /** The worst that was found of the log. */
  get log(): LogVerdict {
    return this.#log;
  }

  get counts(): Readonly<Record<EventVerdict, number>> {
    return { ...this.#counts };
  }

  get violations(): readonly Violation[] {
    return [...this.#violations];
  }

  /** Of all violations, also those that were not kept. */
  get total(): number {
    return this.#total;
  }

  count(verdict: EventVerdict, number = 1): void {
    this.#counts[verdict] += number;
  }

  add(
    verdict: Violation['verdict'],
    what: string,
    { index = null, last = null, id = null }: Place = {},
  ): void {
    this.#total += 1;
    if (isLogVerdict(verdict)) this.#log = worse(this.#log, verdict);
    if (this.#violations.length < this.#most) this.#violations.push({ verdict, index, last, id, what });
  }

  /** An event that is counted, and told of. */
  addEvent(verdict: 'TAMPERED' | 'MISSING', what: string, place: Place): void {
    this.count(verdict);
    this.add(verdict, what, place);
  }
}
