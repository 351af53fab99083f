import assert from 'node:assert/strict';

import type { AuditEvent } from '../../event/event.js';
import type { PlainChange } from './compare.js';
import { changesThatHappened } from './compare.js';
import type { Outcome } from './scenario.js';

const VALUE_CHARS = 80;

/** The row changes told, as `CREATE Appointment`. */
export function told(events: readonly AuditEvent[]): string[] {
  return events
    .filter(({ source, outcome }) => source === 'model' && outcome === 'success')
    .map(({ action, target }) => `${action} ${target?.type}`);
}

/** Exactly these row changes, in any order. */
export function expectTold({ events }: Outcome, expected: readonly string[]): void {
  assert.deepEqual(told(events).toSorted(), expected.toSorted());
}

/** Nothing happened to any row, and nothing is told. */
export function expectNothing(outcome: Outcome): void {
  assert.deepEqual(outcome.truth, []);
  assert.deepEqual(told(outcome.events), []);
}

/** Nothing that counts happened, and nothing is told, though rows were written. */
export function expectNoChange(outcome: Outcome): void {
  assert.notDeepEqual(outcome.truth, []);
  assert.deepEqual(told(outcome.events), []);
}

/** Everything is exact, except that a STATEMENT may stand for rows where the scenario allows it. */
export function expectExact(outcome: Outcome, mayBeReported: boolean): void {
  const { rows, exact, reported, missed, wrong } = outcome.account;
  const found = {
    missed: missed.map(lineOf),
    wrong: wrong.map(([happened, instead]) => differenceOf(happened, instead)),
    false: outcome.account.false.map(lineOf),
  };
  assert.deepEqual(found, { missed: [], wrong: [], false: [] });
  assert.equal(exact, mayBeReported ? rows - reported : rows);
}

function lineOf({ op, model, id, columns }: PlainChange): string {
  return `${op} ${model} ${id}: ${Object.keys(columns).join(', ')}`;
}

/** Only the columns in which they differ, each value as far as it can be read. */
function differenceOf(happened: PlainChange, instead: PlainChange): string {
  const names = new Set([...Object.keys(happened.columns), ...Object.keys(instead.columns)]);
  const shownColumn = ({ columns }: PlainChange, name: string): string =>
    (columns[name] ?? ['-', '-']).map((value) => String(value).slice(0, VALUE_CHARS)).join(' to ');
  const differences = [...names]
    .map((name) => [name, shownColumn(happened, name), shownColumn(instead, name)] as const)
    .filter(([name]) => JSON.stringify(happened.columns[name]) !== JSON.stringify(instead.columns[name]))
    .map(([name, really, said]) => `${name} went ${really} and is told ${said}`);
  return `${happened.op} ${happened.model} ${happened.id}: ${differences.join('; ')}`;
}

/** With capture the ORM answered the same as without. */
export function expectSameAnswers({ answers, plainAnswers }: Outcome): void {
  assert.deepEqual(answers, plainAnswers);
}

/** Only what is told as a statement takes one of its own, and a connection one when it is opened. */
export function statementsAllowed({ sent, plainSent, events }: Outcome): number {
  const reports = events.filter(({ action }) => action === 'STATEMENT').length;
  return plainSent.statements.length + reports + sent.connections;
}

export function expectNoMoreStatements(outcome: Outcome): void {
  const { statements } = outcome.sent;
  const allowed = statementsAllowed(outcome);
  assert.ok(
    statements.length <= allowed,
    `${allowed} statements would do, and these were sent:\n${statements.join('\n')}`,
  );
}

/** With capture the same happened to rows as without. */
export function expectSameTruth(outcome: Outcome): void {
  const happened = (truth: Outcome['truth']): string[] =>
    changesThatHappened(outcome.database, truth).map(lasting).toSorted();
  assert.deepEqual(happened(outcome.truth), happened(outcome.plainTruth));
}

/** Without the times of the run. */
function lasting({ op, model, id, columns }: PlainChange): string {
  const { created_at: _, updated_at: __, ...rest } = columns;
  return JSON.stringify([op, model, id, rest]);
}
