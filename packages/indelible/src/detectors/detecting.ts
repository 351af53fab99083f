import { AuditError } from '../event/errors.js';
import type { Actor, AuditEvent } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import { startOfDay } from '../trail/days.js';
import { moment, readMembers, show, whole, zone } from '../trail/filter-values.js';
import { ACKNOWLEDGED, acknowledging, withAcknowledgements } from './acknowledgements.js';
import type { DetectionWindow, Detector } from './detector.js';
import { type DetectorOptions, detectorsOf } from './detector-options.js';
import { bySeverity, type Finding, periodIn } from './finding.js';
import { checkWatch, FindingsWatch, type WatchOptions } from './findings-watch.js';
import { Look } from './look.js';

export interface FindingsRequest {
  /** The last so many days, to the millisecond; 7 by default. */
  readonly days?: number | undefined;
  /** The tenant to look in: that of the context by default; `null` for all, which is for operators only. */
  readonly tenantId?: string | null | undefined;
  /** The zone in which it is day or night; that of the trail by default. */
  readonly timeZone?: string | undefined;
  /** The moment to look from; now by default. */
  readonly now?: Date | string | undefined;
}

export interface AcknowledgeInput extends Omit<FindingsRequest, 'timeZone'> {
  /** What was found out; it stays in the trail. */
  readonly note: string;
}

/** What of the trail is needed to look for what is suspicious in it. */
export interface DetectingParts {
  readonly options: DetectorOptions;
  readonly timeZone: string;
  readonly stream: (filter: StreamFilter) => AsyncIterable<AuditEvent>;
  readonly record: (event: LooseInput) => Promise<string | undefined>;
  readonly flush: () => Promise<void>;
  /** The tenant of the context of now. */
  readonly tenantId: () => string | undefined;
  /** Who acts now. */
  readonly actor: () => Actor;
  /** Runs something as if nobody had asked for it. */
  readonly outside: <T>(fn: () => T) => T;
  readonly report: (error: AuditError) => void;
}

interface StreamFilter {
  readonly action: readonly string[];
  readonly startDate: Date;
  readonly endDate?: Date | undefined;
  readonly ordering: string;
  readonly tenantId: string | null | undefined;
}

const DAY_MS = 86_400_000;
const DAYS = 7;
const MOST_DAYS = 366;
const NEWEST_FIRST = '-timestamp';
const NAMES = ['days', 'tenantId', 'timeZone', 'now'] as const;

/** Looks for what is suspicious. Nothing of it is kept anywhere: the trail is asked anew each time. */
export class Detecting {
  readonly #parts: DetectingParts;
  readonly #detectors: readonly Detector[];
  readonly #watches: Set<FindingsWatch> = new Set();
  #isClosed = false;

  constructor(parts: DetectingParts) {
    this.#parts = parts;
    this.#detectors = detectorsOf(parts.options);
  }

  /** One detector after the other, so that a look takes one connection at a time. */
  async findings(request: FindingsRequest = {}): Promise<readonly Finding[]> {
    const window = this.#windowOf(request);
    const { tenantId } = request;
    const read = (action: readonly string[], from: number, to: number): AsyncIterable<AuditEvent> =>
      tenantId === null ? this.#readOfAll(action, from, to) : this.#read(action, [from, to], tenantId);
    const { report } = this.#parts;
    const findings: Finding[] = [];
    for (const detector of this.#detectors)
      findings.push(...(await new Look(detector, window, { read, report }).findings()));
    if (findings.length === 0) return [];
    const said = this.#read([ACKNOWLEDGED], [window.span[0], undefined], tenantId);
    return (await withAcknowledgements(findings, said)).sort(bySeverity);
  }

  /** Looks back far enough for the finding that is meant, too, which may have grown too old to be shown meanwhile. */
  async acknowledge(id: string, { note, ...request }: AcknowledgeInput): Promise<Finding> {
    if (typeof note !== 'string' || note.trim() === '') throw withoutNote();
    const finding = (await this.#find(id, request)) ?? (await this.#find(id, this.#farther(id, request)));
    if (finding === undefined) throw unknown(id);
    const by = this.#parts.actor();
    if (isSaid(finding, by, note)) return finding;
    const recorded = await this.#parts.record(acknowledging(finding, note));
    await this.#parts.flush();
    if (recorded === undefined) throw notRecorded();
    const said = this.#read([ACKNOWLEDGED], [Date.parse(finding.first), undefined], request.tenantId);
    const [acknowledged] = await withAcknowledgements([finding], said);
    if (acknowledged?.acknowledgement == null) throw notRecorded();
    return acknowledged;
  }

  watch(options: WatchOptions = {}): FindingsWatch {
    const { webhook } = this.#parts.options;
    if (webhook === undefined) throw withoutWebhook();
    checkWatch(options);
    if (this.#isClosed) throw closed();
    const { days, tenantId = this.#parts.tenantId() } = options;
    const watch = new FindingsWatch(options, {
      ...this.#parts,
      webhook,
      findings: () => this.findings({ days, tenantId }),
      read: (action, from) => this.#read(action, [from, undefined], tenantId),
      onStopped: () => this.#watches.delete(watch),
    });
    this.#watches.add(watch);
    return watch;
  }

  /** Ends every watch. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#watches].map((watch) => watch.stop()));
  }

  async #find(id: string, request: FindingsRequest): Promise<Finding | undefined> {
    return (await this.findings(request)).find((finding) => finding.id === id);
  }

  #farther(id: string, request: FindingsRequest): FindingsRequest {
    const period = periodIn(id);
    const start = period === undefined ? NaN : startOfDay(period, this.#parts.timeZone);
    const to = this.#windowOf(request).span[1];
    const days = Math.ceil((to - start) / DAY_MS) + DAYS;
    if (!(days >= 1 && days <= MOST_DAYS)) throw unknown(id);
    return { ...request, days };
  }

  #windowOf(request: FindingsRequest): DetectionWindow {
    const given = readMembers(request, NAMES);
    const days = whole('days', given.days, 1, MOST_DAYS) ?? DAYS;
    const timeZone = zone(given.timeZone) ?? this.#parts.timeZone;
    const now = moment('now', given.now, timeZone) ?? Date.now();
    return { span: [now + 1 - days * DAY_MS, now + 1], timeZone, trailZone: this.#parts.timeZone };
  }

  /** Day by day: of all tenants together a store has to sort, and so not all of it for each page. */
  async *#readOfAll(action: readonly string[], from: number, to: number): AsyncGenerator<AuditEvent> {
    for (let end = to; end > from; end -= DAY_MS)
      yield* this.#read(action, [Math.max(end - DAY_MS, from), end], null);
  }

  #read(
    action: readonly string[],
    [from, to]: readonly [number, number | undefined],
    tenantId: string | null | undefined,
  ): AsyncIterable<AuditEvent> {
    const endDate = to === undefined ? undefined : new Date(to);
    const startDate = new Date(Math.max(from, 0));
    return this.#parts.stream({ action, startDate, endDate, ordering: NEWEST_FIRST, tenantId });
  }
}

/** The same word of the same person is recorded once. */
function isSaid({ acknowledgement }: Finding, by: Actor, note: string): boolean {
  if (acknowledgement === null || acknowledgement.note !== note) return false;
  const known = acknowledgement.by;
  return (
    known.type === by.type &&
    known.id === (by.id ?? null) &&
    (by.id !== undefined || known.name === (by.name ?? null))
  );
}

function unknown(id: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `There is no finding ${show(id)}, and nothing was recorded; ask for the findings to see which there are.`,
  );
}

function closed(): AuditError {
  return new AuditError('CLOSED', 'The trail has been closed, and nothing is watched; watch before close.');
}

function withoutNote(): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    'The finding was not acknowledged: the note is missing; say what was found out.',
  );
}

function notRecorded(): AuditError {
  return new AuditError(
    'TRAIL_UNAVAILABLE',
    'The finding is not acknowledged yet: the event that says so did not reach the store. Bring the store back and look again.',
  );
}

function withoutWebhook(): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    'There is nowhere to send findings; give createAudit detectors: { webhook: { url } }.',
  );
}
