import { createHash } from 'node:crypto';

import type { Change, Row, RowChange, StatementChange } from '../../capture/row-change.js';
import type { Derived, ModelRules } from '../../capture/tables.js';
import type { Completer } from '../../event/complete.js';
import type { Entry } from '../../event/entry.js';
import { idOfPlace, timeOf } from '../../event/id.js';
import type { LooseInput } from '../../event/input.js';
import type { ModelOptions } from '../options.js';
import type { OutboxRow } from '../outbox.js';
import { ACTION_OF } from './action-of.js';
import { readContext } from './context-text.js';
import { parseExact } from '../../event/exact-json.js';
import { keyText } from '../../event/key-text.js';
import type { LastSubjects } from './last-subject.js';

/** A row may hold so many bodies before their ids run into those of the next. */
const BODIES = 4096;
const SALT_DIGITS = 32;

export interface CapturedOptions {
  readonly completer: Completer;
  readonly models: Readonly<Record<string, ModelOptions>>;
  readonly lastSubjects: LastSubjects;
}

/** Makes of the outbox rows of one delivery the entries they stand for: always the same, byte for byte. */
export class CapturedCompleter {
  readonly #options: CapturedOptions;

  constructor(options: CapturedOptions) {
    this.#options = options;
  }

  /** Throws for a row whose bodies are not what an engine or a recorder writes. */
  async entriesOf(row: OutboxRow): Promise<Entry[]> {
    if (row.context === null) return row.bodies.map((body) => JSON.parse(body) as Entry);
    const around = readContext(row.context);
    const entries: Entry[] = [];
    for (const [index, body] of row.bodies.entries()) {
      const input = await this.#read(body, around);
      const entry = this.#complete(row, index, input ?? unreadable(body, around), input !== undefined);
      if (entry === undefined) continue;
      this.#options.lastSubjects.add(entry);
      entries.push(entry);
    }
    return entries;
  }

  #complete(row: OutboxRow, index: number, input: LooseInput, isWhole: boolean): Entry | undefined {
    const place = Number(BigInt(row.seq) & 0xfffffn) * BODIES + index;
    const id = idOfPlace(row.at, place, row.salt);
    const salt = createHash('sha256').update(`salt ${row.salt} ${index}`).digest('hex').slice(0, SALT_DIGITS);
    return this.#options.completer.complete({
      ...input,
      actor: input.actor ?? { type: 'system', name: 'system' },
      transactionId: input.transactionId ?? row.transactionId ?? undefined,
      id,
      salt,
      timestamp: timeOf(id),
      isWhole,
    });
  }

  /** Undefined for a body that is too deep to be read, or no change at all: it must not take its neighbours along. */
  async #read(body: string, around: Partial<LooseInput>): Promise<LooseInput | undefined> {
    const change = parsed(body);
    return change && this.#inputOf(change, around);
  }

  #inputOf(change: Change, around: Partial<LooseInput>): LooseInput | Promise<LooseInput> {
    return change.op === 'STATEMENT' ? statementInput(change, around) : this.#rowInput(change, around);
  }

  async #rowInput(change: RowChange, around: Partial<LooseInput>): Promise<LooseInput> {
    const { model, op, before, after } = change;
    const rules = this.#rulesOf(model);
    const record: Row = { ...before, ...after };
    const row = before ?? after ?? {};
    const id = keyText(change.key.map((column) => row[column]));
    const tenantId = derived(rules.tenant, record, change.tenant) ?? around.tenantId;
    return {
      operation: `${model}.${ACTION_OF[op].toLowerCase()}`,
      ...around,
      action: ACTION_OF[op],
      source: 'model',
      tenantId,
      target: { type: model, id, label: rules.label && textOf(rules.label, record) },
      subjectId: await this.#subjectOf(rules, change, record, id, tenantId),
      before,
      after,
    };
  }

  /** A path that a cascade has broken on the way falls back to what the trail knows. */
  async #subjectOf(
    rules: ModelRules,
    { subject, model, op }: RowChange,
    record: Row,
    id: string | undefined,
    tenantId: string | undefined,
  ): Promise<string | undefined> {
    const found = derived(rules.subject, record, subject);
    const isBroken = found === undefined && typeof rules.subject === 'string' && op !== 'INSERT';
    return isBroken && id !== undefined ? this.#options.lastSubjects.of({ model, id, tenantId }) : found;
  }

  #rulesOf(model: string): ModelRules {
    const { models } = this.#options;
    return (Object.hasOwn(models, model) && models[model]) || {};
  }
}

const HEAD = /^\{"op":"(INSERT|UPDATE|DELETE|SNAPSHOT|STATEMENT)","model":("(?:[^"\\]|\\.){0,200}")/;

function parsed(body: string): Change | undefined {
  try {
    const change: unknown = parseExact(body);
    return typeof change === 'object' && change !== null && 'op' in change ? (change as Change) : undefined;
  } catch {
    // The event that stands for it says so by a flag.
    return undefined;
  }
}

/** What can be told of a change that cannot be read: what was done to which model. */
function unreadable(body: string, around: Partial<LooseInput>): LooseInput {
  const [, op, model] = HEAD.exec(body) ?? [];
  return {
    ...around,
    action: ACTION_OF[(op as Change['op'] | undefined) ?? 'STATEMENT'],
    source: 'model',
    target: model === undefined ? undefined : { type: JSON.parse(model) as string },
    metadata: { unreadable_bytes: Buffer.byteLength(body) },
  };
}

function statementInput({ op, models, ...about }: StatementChange, around: Partial<LooseInput>): LooseInput {
  const [model] = models;
  return {
    ...around,
    action: ACTION_OF[op],
    source: 'model',
    target: model === undefined ? undefined : { type: model },
    metadata: { models, ...about },
  };
}

function derived(
  rule: string | Derived | undefined,
  record: Row,
  followed: string | null | undefined,
): string | undefined {
  return typeof rule === 'object' ? textOf(rule, record) : (followed ?? undefined);
}

/** A function of the application's that throws costs the text it should have made, not the event. */
function textOf({ columns, text }: Derived, record: Row): string | undefined {
  try {
    return text(Object.fromEntries(columns.map((column) => [column, record[column]]))) ?? undefined;
  } catch {
    return undefined;
  }
}
