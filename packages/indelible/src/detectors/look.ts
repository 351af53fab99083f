import { AuditError, messageOf } from '../event/errors.js';
import type { AuditEvent } from '../event/event.js';
import { timeOf } from '../event/id.js';
import type { DetectionWindow, Detector, Found, Watch } from './detector.js';
import { type Finding, findingOf } from './finding.js';

/** So many events of its actions a detector looks at, the newest ones; what is beyond is said, never passed over. */
const MOST_LOOKED_AT = 100_000;
const MOST_TENANTS = 10_000;

/** Reads events of some actions in a part of time, the newest first. */
type ReadEvents = (actions: readonly string[], from: number, to: number) => AsyncIterable<AuditEvent>;

export interface LookParts {
  readonly read: ReadEvents;
  readonly report: (error: AuditError) => void;
  readonly mostLookedAt?: number | undefined;
}

/** One detector's look through the events of a window. What it sees of one tenant, it never counts for another. */
export class Look {
  readonly #parts: LookParts;
  readonly #detector: Detector;
  readonly #window: DetectionWindow;
  readonly #watches: Map<string | null, Watch> = new Map();
  #seen = 0;
  #newest: AuditEvent | undefined;
  #oldest: AuditEvent | undefined;
  #isComplete = true;

  constructor(detector: Detector, window: DetectionWindow, parts: LookParts) {
    this.#detector = detector;
    this.#window = window;
    this.#parts = parts;
  }

  /** A detector that throws has found nothing, and that is a finding, too; the others go on. */
  async findings(): Promise<Finding[]> {
    try {
      await this.#see();
      return this.#found();
    } catch (error) {
      if (error instanceof AuditError) throw error;
      const { type } = this.#detector;
      const message = `The detector ${type} failed: ${messageOf(error)}. Nothing was lost; mend it, and look again.`;
      this.#parts.report(new AuditError('INVALID_OPTIONS', message, error));
      return [this.#incomplete(`The detector ${type} failed, and found nothing; onError was told why`)];
    }
  }

  async #see(): Promise<void> {
    const { read, mostLookedAt = MOST_LOOKED_AT } = this.#parts;
    const { actions, during } = this.#detector;
    const spans = during === undefined ? [this.#window.span] : during(this.#window);
    for (const [from, to] of spans.toSorted((one, other) => other[0] - one[0]))
      for await (const event of read(actions, from, to)) {
        if (this.#seen >= mostLookedAt) {
          this.#isComplete = false;
          return;
        }
        this.#seen += 1;
        this.#newest ??= event;
        this.#oldest = event;
        this.#watchOf(event.tenantId)?.see(event);
      }
  }

  #watchOf(tenantId: string | null): Watch | undefined {
    let watch = this.#watches.get(tenantId);
    if (watch !== undefined) return watch;
    if (this.#watches.size >= MOST_TENANTS) {
      this.#isComplete = false;
      return undefined;
    }
    watch = this.#detector.watch(this.#window);
    this.#watches.set(tenantId, watch);
    return watch;
  }

  #found(): Finding[] {
    const { trailZone } = this.#window;
    const detector = this.#detector;
    const isComplete = this.#isComplete && [...this.#watches.values()].every(({ isFull }) => isFull !== true);
    const findings: Finding[] = [];
    for (const [tenantId, watch] of this.#watches)
      for (const found of watch.found())
        findings.push(findingOf(found, { detector, tenantId, trailZone, isComplete }));
    if (!isComplete) findings.push(this.#incomplete(this.#unseen()));
    return findings;
  }

  #unseen(): string {
    const { type, actions } = this.#detector;
    return `There are so many events of ${actions.join(', ')} that ${type} looked at the newest ${this.#seen} only; ask for fewer days to see less at a time`;
  }

  #incomplete(description: string): Finding {
    const { trailZone } = this.#window;
    const [from, to] = this.#window.span;
    const found: Found = {
      key: this.#detector.type,
      severity: 'medium',
      description,
      count: this.#seen,
      events: [],
      first: this.#oldest === undefined ? from : timeOf(this.#oldest.id),
      last: this.#newest === undefined ? to - 1 : timeOf(this.#newest.id),
    };
    const tenantId = this.#watches.size === 1 ? (this.#newest?.tenantId ?? null) : null;
    return findingOf(found, { detector: { type: 'incomplete' }, tenantId, trailZone, isComplete: false });
  }
}
