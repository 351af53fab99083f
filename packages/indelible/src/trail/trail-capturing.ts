import type { Capturing, FailedWrite } from '../capture/capturing.js';
import type { Tables } from '../capture/tables.js';
import { AuditError } from '../event/errors.js';
import { readInput } from '../event/input.js';
import { Snapshot } from '../event/snapshot.js';
import { readTagged } from '../event/tagged.js';
import { readContext } from './captured/context-text.js';
import { ACTION_OF } from './captured/action-of.js';
import type { ContextStack, Fact } from './context.js';
import type { Deliverer } from './delivery.js';
import type { Gaps } from './gaps.js';
import type { Settings } from './options.js';
import type { Recorder } from './recorder.js';
import type { Relay } from './relay.js';
import type { TrailStats } from './stats.js';
import type { Teller } from './teller.js';
import { TrackedTables } from './tracked-tables.js';

/** Messages of these quote what could not be read, which may stand in a column that is hidden. */
const QUOTES_VALUES = /^22|^P0001$|^SQLITE_(?:MISMATCH|CONSTRAINT_TRIGGER)/;

/** What a context may hold in the outbox, where it stands beside every change. */
const CONTEXT_BYTES = 16 * 1024;
/** So many warnings are remembered, to be given once. */
const WARNINGS = 1_000;

/** All that is known of a captured change before the relay has made an event of it. */
const CHANGED: Fact = { action: 'UPDATE', outcome: 'success', source: 'model' };

export interface CapturingParts {
  readonly settings: Settings;
  readonly context: ContextStack;
  readonly recorder: Recorder;
  readonly deliverer: Deliverer;
  readonly relay: Relay | undefined;
  readonly gaps: Gaps;
  readonly stats: TrailStats;
  readonly teller: Teller;
}

/** The trail as an engine sees it. */
export class TrailCapturing implements Capturing {
  readonly tables: Tables;
  readonly onUnsupported: 'record' | 'throw';
  readonly #parts: CapturingParts;
  readonly #warned = new Set<string>();

  constructor(parts: CapturingParts) {
    const { models, redactor, onUnsupported } = parts.settings;
    this.#parts = parts;
    this.onUnsupported = onUnsupported;
    this.tables = new TrackedTables(models, redactor);
  }

  failsClosed(op: FailedWrite['op'] | 'STATEMENT', model: string | undefined): boolean {
    return this.#parts.deliverer.failsClosed(ACTION_OF[op], model);
  }

  context(): string {
    const { context, settings } = this.#parts;
    const { input } = readInput(context.current());
    const { actor = context.nobody(), request, ...rest } = input;
    // What may be long comes last, so that it crowds nothing out.
    const known = Object.entries({ actor, ...rest, request });
    const copy = new Snapshot(CONTEXT_BYTES, settings.redactor).record(known);
    return JSON.stringify(readTagged(copy));
  }

  changed(): void {
    this.#parts.context.witness?.saw(CHANGED);
  }

  written(): void {
    this.#parts.relay?.wake();
  }

  lost(cause: unknown): void {
    const { stats, gaps, teller } = this.#parts;
    stats.failures += 1;
    teller.report(
      AuditError.from(
        cause,
        'OUTBOX_UNAVAILABLE',
        'A change was made without its event; run "npx indelible migrate" and check the rights on indelible_outbox',
      ),
    );
    gaps.add('outbox');
  }

  failed({ op, model, error, context }: FailedWrite): void {
    const { recorder } = this.#parts;
    const around = readContext(context);
    // Refusals are told by the recorder.
    void recorder
      .record({
        operation: `${model}.${ACTION_OF[op].toLowerCase()}`,
        ...around,
        action: ACTION_OF[op],
        source: 'model',
        outcome: 'failure',
        target: { type: model },
        error: withoutValues(error),
      })
      .catch(() => undefined);
  }

  warn(message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= WARNINGS) return;
    this.#warned.add(message);
    this.#parts.teller.report(new AuditError('NOT_CAPTURED', message));
  }

  attached(line: string): void {
    this.#parts.teller.log(`indelible: capture: ${line}`);
  }
}

/** What a database said of a refusal, without the values that it may have quoted. */
function withoutValues(error: unknown): unknown {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && QUOTES_VALUES.test(code) ? { name: 'DatabaseError', code } : error;
}
