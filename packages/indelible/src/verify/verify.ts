import type { SealLog } from '../stores/seal-log.js';
import { CheckpointCheck } from './checkpoint-check.js';
import { CheckpointQueue } from './checkpoint-queue.js';
import { checkEnding } from './ending.js';
import { type FoundHead, headOf } from './found-head.js';
import { EventCheck } from './event-check.js';
import { Findings } from './findings.js';
import { checkLinks } from './links.js';
import { LogPass } from './log-pass.js';
import { Numbering } from './numbering/numbering.js';
import { settingsOf, type VerifyOptions, type VerifySettings } from './options.js';
import { Removals, type RemovalSource } from './removals.js';
import { resumeState, startAt } from './resume.js';
import { beginning, type Start, type Stretch, stretchOf } from './start.js';
import { checkUnsealed } from './tail-check.js';
import { TreeCheck } from './tree-check.js';
import type { Assurance, Verification } from './verification.js';

/** A store that keeps a log. */
export type VerifiableStore = SealLog & RemovalSource;

/** How often it is said how far a verification has come. */
const STATE_MS = 2_000;

/**
 * Reads the log of a trail from its beginning to its end, and computes all of it anew: every event, every leaf, every
 * signed root. Memory stays the same however long the log is. Rejects only when the store cannot be read, or with
 * `INVALID_OPTIONS` or `KEY_INVALID`; whatever is wrong with the trail is told in the answer.
 */
export async function verifyTrail(store: VerifiableStore, options: VerifyOptions): Promise<Verification> {
  const settings = settingsOf(options);
  const findings = new Findings(settings.most);
  const head = await headOf(store, findings);
  const { start, to } = await stretchFor(store, options, { settings, findings, head });
  return new Run(store, options, { settings, findings, head, start, to }).verify();
}

interface Given {
  readonly settings: VerifySettings;
  readonly findings: Findings;
  readonly head: FoundHead;
}

/** One verification, with all that takes part in it. */
class Run {
  readonly #store: VerifiableStore;
  readonly #options: VerifyOptions;
  readonly #given: Given & Stretch;
  readonly #numbering = new Numbering();
  readonly #removals: Removals;
  readonly #tree: TreeCheck;
  readonly #queue: CheckpointQueue;
  readonly #checkpoints: CheckpointCheck;
  #linked = 0;
  #toldAt = performance.now();

  constructor(store: VerifiableStore, options: VerifyOptions, given: Given & Stretch) {
    const { settings, findings, start } = given;
    this.#store = store;
    this.#options = options;
    this.#given = given;
    this.#removals = new Removals(store, { ...settings, now: Date.now() });
    this.#tree = new TreeCheck(start.size, start.frontier);
    this.#queue = new CheckpointQueue(store, settings.trust, start.place);
    const { known, origin } = settings;
    const [queue, tree, place] = [this.#queue, this.#tree, start.place];
    this.#checkpoints = new CheckpointCheck({ queue, known, tree, findings, origin, place });
  }

  async verify(): Promise<Verification> {
    const { settings, to } = this.#given;
    const strays = this.#strays();
    await this.#removals.refresh();
    await this.#pass(to);
    this.#tellGone(to);
    if (settings.span === undefined) await this.#end(strays);
    else await this.#link();
    return this.#tell();
  }

  #pass(to: number): Promise<void> {
    const events = new EventCheck({
      removals: this.#removals,
      numbering: this.#numbering,
      findings: this.#given.findings,
    });
    const pass = new LogPass({
      log: this.#store,
      tree: this.#tree,
      events,
      checkpoints: this.#checkpoints,
      findings: this.#given.findings,
      onBatch: (size) => this.#progress(size, to),
    });
    return pass.run(to);
  }

  /** To look for them takes a database as long as to read the log, so it does both at once. */
  #strays(): Promise<readonly string[]> {
    const { settings, head } = this.#given;
    if (head.isLost || settings.span !== undefined) return Promise.resolve([]);
    const strays = this.#store.strays(settings.most);
    // Whoever cannot read the log is told of that, and of this only then.
    strays.catch(() => undefined);
    return strays;
  }

  async #end(strays: Promise<readonly string[]>): Promise<void> {
    const { findings, head } = this.#given;
    const [tree, queue, checkpoints] = [this.#tree, this.#queue, this.#checkpoints];
    await checkEnding({ log: this.#store, tree, queue, checkpoints, findings }, head);
    if (!head.isLost) await this.#checkUnsealed(await strays);
    if (this.#isWhole) this.#tellMissed();
  }

  async #checkUnsealed(strays: readonly string[]): Promise<void> {
    const { settings, findings } = this.#given;
    await checkUnsealed({
      log: this.#store,
      findings,
      numbering: this.#numbering,
      strays,
      sealedBefore: Date.now() - settings.maxPendingMs,
    });
  }

  /** Of the whole log the ending tells, which knows more. */
  #tellGone(to: number): void {
    const { settings, findings } = this.#given;
    const { size } = this.#tree;
    if (settings.span === undefined || size >= to) return;
    const place = { index: size, last: to - 1 };
    findings.add('ROLLBACK', `leaves of this span are gone: those from ${size} to ${to - 1}`, place);
  }

  async #link(): Promise<void> {
    const { settings, findings, head } = this.#given;
    const edge = this.#tree.edge;
    if (edge === null) return;
    const { trust } = settings;
    const known = this.#checkpoints.ahead;
    this.#linked = await checkLinks({ log: this.#store, edge, trust, known, size: head.size, findings });
  }

  #tellMissed(): void {
    const { settings, findings } = this.#given;
    const { missed } = this.#numbering.account(Date.now() - settings.maxPendingMs);
    for (const { process, first, last } of missed) {
      const which = first === last ? `number ${first}` : `numbers ${first} to ${last}`;
      findings.add('GAP', `${which} of process ${process} never came, and no AUDIT_GAP event tells why`);
    }
  }

  get #isWhole(): boolean {
    return this.#given.start.size === 0 && this.#given.settings.span === undefined;
  }

  #progress(size: number, to: number): void {
    this.#options.onProgress?.(size, to);
    if (performance.now() - this.#toldAt < STATE_MS) return;
    this.#toldAt = performance.now();
    const { edge } = this.#tree;
    if (edge && edge.size === this.#tree.proved && this.#given.findings.total === 0)
      this.#options.onState?.(resumeState(edge, this.#checkpoints.place));
  }

  #tell(): Verification {
    const { findings, settings, start } = this.#given;
    const { checked, origin } = this.#checkpoints;
    const compared = this.#checkpoints.compared + this.#linked;
    const isProvable = start.place > 0 || checked > 0 || findings.log !== 'CONSISTENT';
    const since = Date.now() - settings.maxPendingMs;
    return {
      isGood: isProvable && findings.total === 0,
      isProvable,
      log: findings.log,
      assurance: assuranceOf(compared, checked + start.place),
      origin: origin ?? null,
      from: start.size,
      to: this.#tree.size,
      proved: this.#tree.proved,
      checkpoints: checked,
      known: compared,
      counts: findings.counts,
      removals: this.#removals.accounts,
      numbering: this.#isWhole ? this.#numbering.account(since) : null,
      violations: findings.violations,
      violationCount: findings.total,
    };
  }
}

async function stretchFor(store: VerifiableStore, { resume }: VerifyOptions, given: Given): Promise<Stretch> {
  const { settings, head } = given;
  const { trust, span } = settings;
  if (span !== undefined) return stretchOf(store, span, { ...given, trust });
  const start: Start | undefined = resume && (await startAt(resume, store, trust));
  return { start: start ?? beginning(), to: head.size };
}

function assuranceOf(compared: number, checked: number): Assurance {
  if (compared > 0) return 'tamper-evident';
  return checked > 0 ? 'tamper-detecting' : 'none';
}
