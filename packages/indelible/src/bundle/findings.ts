import { type EventVerdict, isLogVerdict, type LogVerdict, worse } from '../verify/verdict.js';

/** Something that is not as it should be. */
export interface BundleFinding {
  readonly verdict: EventVerdict | LogVerdict;
  readonly file: string;
  readonly id?: string | undefined;
  readonly index?: number | undefined;
  readonly message: string;
}

/** More are counted, and not kept. */
const MOST_KEPT = 100;

export class Findings {
  readonly kept: BundleFinding[] = [];
  count = 0;
  log: LogVerdict = 'CONSISTENT';
  readonly events: Record<EventVerdict, number> = {
    VALID: 0,
    PENDING: 0,
    PURGED: 0,
    ERASED: 0,
    TAMPERED: 0,
    MISSING: 0,
  };

  add(finding: BundleFinding): void {
    this.count += 1;
    if (this.kept.length < MOST_KEPT) this.kept.push(finding);
    if (isLogVerdict(finding.verdict)) this.log = worse(this.log, finding.verdict);
  }
}
