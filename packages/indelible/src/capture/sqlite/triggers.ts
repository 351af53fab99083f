import { createHash } from 'node:crypto';

import type { TableRules } from '../tables.js';
import type { Bodies } from './bodies.js';
import type { Operation } from './body.js';
import type { Table } from './catalogue.js';
import { pathOf, type TablesByName } from './path.js';
import { quoteName, quoteText } from './quote.js';
import { type Replaced, replacedFrom } from './replaced.js';
import { type Part, RowImage } from './row-image.js';

const OPERATIONS: readonly Operation[] = ['INSERT', 'UPDATE', 'DELETE'];

/** What every capturing trigger does. */
export const PUT = 'INSERT INTO main.indelible_outbox (transaction_id, context, body)';

/** The application's own OR IGNORE holds for what its triggers write too, and would pass over a refused row. */
const MUST_HOLD = "SELECT RAISE(ABORT, 'indelible_outbox took no row') WHERE changes() = 0;";

/** Triggers by their names, which are made of what they do: one that is there needs not be made again. */
export type Triggers = ReadonlyMap<string, string>;

/** A table that is captured, with what is kept of it. */
export interface CapturedTable {
  readonly table: Table;
  readonly rules: TableRules;
}

/** The triggers that write each change of a table into the outbox. */
export class TriggerMaker {
  readonly #tables: TablesByName;
  readonly #bodies: Bodies;
  readonly #seesReplaced: boolean;

  constructor(tables: TablesByName, bodies: Bodies, seesReplaced: boolean) {
    this.#tables = tables;
    this.#bodies = bodies;
    this.#seesReplaced = seesReplaced;
  }

  make({ table, rules }: CapturedTable): Triggers {
    const image = new RowImage(table, rules);
    const replaced = this.#seesReplaced ? this.#replaced(table, rules, image) : undefined;
    const triggers = triggersOf(table, image, (op) => {
      const body = this.#body(op, table, rules, image, op === 'DELETE' ? 'OLD' : 'NEW');
      const put = `${PUT} VALUES (indelible_transaction(), indelible_context(), ${body}); ${MUST_HOLD}`;
      return op === 'DELETE' || !replaced ? put : `${replaced.after} ${put}`;
    });
    return replaced ? new Map([...triggers, ...asideTriggers(table, replaced)]) : triggers;
  }

  #replaced(table: Table, rules: TableRules, image: RowImage): Replaced | undefined {
    const body = this.#body('DELETE', table, rules, image, 'r');
    return replacedFrom(table, this.#bodies.placeOf(table.name), body, PUT);
  }

  #body(op: Operation, table: Table, rules: TableRules, image: RowImage, row: string): string {
    const parts: readonly Part[] = op === 'UPDATE' ? image.changed() : image.whole(row);
    const subject = rules.subject && pathOf(rules.subject, table, row, this.#tables);
    const tenant = rules.tenant && pathOf(rules.tenant, table, row, this.#tables);
    const plan = {
      op,
      model: rules.model,
      key: image.key,
      members: parts.map(({ name, given }) => ({ name, given })),
      hasSubject: subject !== undefined,
      hasTenant: tenant !== undefined,
    };
    const paths = [subject, tenant].filter((path) => path !== undefined);
    return this.#bodies.call(plan, [...parts.flatMap(({ values }) => values), ...paths]);
  }
}

/** What is put aside, and what is left of it after an update that changed nothing that is kept. */
function asideTriggers(table: Table, replaced: Replaced): Triggers {
  const on = `ON main.${quoteName(table.name)}`;
  return named([
    `BEFORE INSERT ${on} BEGIN ${replaced.before('INSERT')} END`,
    `BEFORE UPDATE ${on} BEGIN ${replaced.before('UPDATE')} END`,
    `AFTER UPDATE ${on} BEGIN ${replaced.after} END`,
  ]);
}

/** The triggers that tell of each change that the outbox cannot take, and refuse it where it needs its event. */
export function reportingTriggers({ table, rules }: CapturedTable): Triggers {
  const refusal = quoteText(`indelible: a change of ${rules.model} cannot be recorded`);
  const model = quoteText(rules.model);
  return triggersOf(
    table,
    new RowImage(table, rules),
    (op) => `SELECT RAISE(ABORT, ${refusal}) WHERE indelible_lost(${quoteText(op)}, ${model});`,
  );
}

function triggersOf(table: Table, image: RowImage, statements: (op: Operation) => string): Triggers {
  const operations = OPERATIONS.filter((op) => op !== 'UPDATE' || image.condition !== undefined);
  return named(
    operations.map((op) => {
      const condition = op === 'UPDATE' ? ` WHEN ${image.condition ?? ''}` : '';
      return `AFTER ${op} ON main.${quoteName(table.name)}${condition} BEGIN ${statements(op)} END`;
    }),
  );
}

function named(bodies: readonly string[]): Triggers {
  return new Map(
    bodies.map((body) => {
      const name = `indelible_${createHash('sha256').update(body).digest('hex').slice(0, 24)}`;
      return [name, `CREATE TEMP TRIGGER ${name} ${body}`];
    }),
  );
}
