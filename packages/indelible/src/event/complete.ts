import type { ChangeRules } from './changes.js';
import { ChangeTaker } from './changes.js';
import { actionOf, coreOf } from './core.js';
import type { Draft } from './draft.js';
import { commit, type Entry, type EventCore } from './entry.js';
import type { Flag } from './flag.js';
import type { Images } from './images.js';
import { PayloadWriter } from './payload.js';
import type { Redactor } from './redaction.js';
import { searchColumns } from './search.js';
import { Snapshot } from './snapshot.js';

export interface CompletionOptions {
  readonly redactor: Redactor;
  readonly limits: { readonly changesBytes: number; readonly payloadBytes: number };
  readonly knowsAction: (action: string) => boolean;
  readonly rulesOf: (model: string) => ChangeRules;
}

/** Gives the event its number in its process; asked only for an event that is really recorded. */
export type Numbering = () => NonNullable<EventCore['process']>;

/**
 * Turns whatever a caller gave into an entry: cleaned of secrets, bounded, canonical, committed. It never
 * throws for what the input holds. Undefined for an update that changed nothing.
 */
export class Completer {
  readonly #options: CompletionOptions;
  readonly #changes: ChangeTaker;

  constructor(options: CompletionOptions) {
    this.#options = options;
    this.#changes = new ChangeTaker(options.redactor, options.limits.changesBytes);
  }

  complete(draft: Draft, numbering?: Numbering): Entry | undefined {
    const { limits, redactor, knowsAction } = this.#options;
    const flags = new Set<Flag>(draft.isWhole ? [] : ['invalid_input']);
    const images = this.#images(draft, flags);
    if (images === undefined) return undefined;
    const core = coreOf(draft, actionOf(draft.action, knowsAction, flags), numbering?.(), flags);
    const writer = new PayloadWriter(new Snapshot(limits.payloadBytes, redactor, flags));
    const payload = writer.write(draft, core.action, images);
    const flagged = flags.size === 0 ? payload : { ...payload, flags: [...flags].sort() };
    return commit(core, flagged, searchColumns(core, payload), draft.salt);
  }

  #images(draft: Draft, flags: Set<Flag>): Images | undefined {
    if (draft.before === undefined && draft.after === undefined) return {};
    const model = draft.target?.type;
    const rules = typeof model === 'string' ? this.#options.rulesOf(model) : {};
    return this.#changes.take(draft.before, draft.after, rules, flags);
  }
}
