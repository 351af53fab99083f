import type { AuditEvent } from '../event/event.js';
import { timeOf } from '../event/id.js';
import type { Counted, CountingRule, Detector, Found, Severity, Watch } from './detector.js';
import { SEVERITIES } from './detector.js';
import { periodOf } from './period.js';
import { MOST_EVENTS, type Run, Sliding } from './sliding.js';

const DAY_MS = 86_400_000;
/** So many keys, such as addresses, are told apart in one look. */
const MOST_KEYS = 100_000;

/** What is known of one key. */
interface Known {
  readonly sliding: Sliding;
  readonly actorId: string | undefined;
  /** Undefined once there are several. */
  ip: string | undefined;
}

/** The detector that a counting rule describes. */
export function countingDetector(rule: CountingRule): Detector {
  const { type, actions, during } = rule;
  const period = rule.withinMs < DAY_MS ? 'day' : 'week';
  return {
    type,
    actions,
    during,
    period,
    watch: (window) => new CountingWatch(rule, (at) => periodOf(at, period, window.trailZone)),
  };
}

class CountingWatch implements Watch {
  isFull = false;
  readonly #rule: CountingRule;
  readonly #periodOf: (at: number) => string;
  readonly #least: number;
  readonly #most: number;
  readonly #known: Map<string, Known> = new Map();

  constructor(rule: CountingRule, period: (at: number) => string) {
    const steps = SEVERITIES.map((severity) => rule.from[severity]).filter((step) => step !== undefined);
    this.#rule = rule;
    this.#periodOf = period;
    this.#least = Math.min(...steps);
    this.#most = Math.max(...steps);
  }

  see(event: AuditEvent): void {
    const counted = this.#rule.of(event);
    if (counted === undefined) return;
    for (const one of 'key' in counted ? [counted] : counted) this.#count(event, one);
  }

  *found(): Iterable<Found> {
    for (const [key, { sliding, actorId, ip }] of this.#known)
      for (const run of this.#inPeriods(sliding.runs)) {
        const { count, events, first, last } = run;
        const description = this.#rule.describe({ key, count });
        yield { key, severity: this.#severityOf(run), description, count, events, first, last, actorId, ip };
      }
  }

  #count({ id, count }: AuditEvent, counted: Counted): void {
    const by = counted.count ?? count;
    if (!(by > 0)) return;
    const known = this.#known.get(counted.key) ?? this.#learn(counted);
    if (known === undefined) return;
    if (known.ip !== counted.ip) known.ip = undefined;
    known.sliding.see(id, timeOf(id), by);
  }

  #learn({ key, actorId, ip }: Counted): Known | undefined {
    if (this.#known.size >= MOST_KEYS) {
      this.isFull = true;
      return undefined;
    }
    const sliding = new Sliding(this.#rule.withinMs, this.#least, this.#most);
    const known = { sliding, actorId, ip };
    this.#known.set(key, known);
    return known;
  }

  /** The runs of one period are one finding. */
  #inPeriods(runs: readonly Run[]): Iterable<Run> {
    const periods = new Map<string, Run>();
    for (const run of runs) {
      const period = this.#periodOf(run.last);
      const other = periods.get(period);
      periods.set(period, other === undefined ? run : together(other, run));
    }
    return periods.values();
  }

  #severityOf({ peak }: Run): Severity {
    const { from } = this.#rule;
    return SEVERITIES.findLast((severity) => peak >= (from[severity] ?? Infinity)) ?? 'low';
  }
}

function together(one: Run, other: Run): Run {
  return {
    count: one.count + other.count,
    peak: Math.max(one.peak, other.peak),
    events: [...one.events, ...other.events].slice(0, MOST_EVENTS),
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
  };
}
