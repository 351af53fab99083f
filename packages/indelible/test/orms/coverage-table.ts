import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Coverage } from '../../src/testing/capture/coverage.js';

/** What an ORM's capture covered on one database. */
export interface Covered {
  readonly orm: string;
  /** Such as `PostgreSQL 18`. */
  readonly database: string;
  readonly coverage: Coverage;
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const REPORTS = path.join(ROOT, '.reports/coverage-of-capture');
const PAGE = path.join(ROOT, 'docs/capture.md');
const BEGIN = '<!-- coverage:begin -->';
const END = '<!-- coverage:end -->';
const HEAD = [
  '| ORM | database | row changes | exact | told as a statement | missed | wrong | statements | without capture |',
  '|---|---|---:|---:|---:|---:|---:|---:|---:|',
];

export function lineOf({ orm, database, coverage }: Covered): string {
  const { rows, exact, reported, missed, wrong, statements, plainStatements } = coverage;
  const sent = database === 'SQLite' ? ['-', '-'] : [statements, plainStatements];
  const cells = [orm, database, rows, exact, reported, missed, wrong, ...sent];
  return `| ${cells.join(' | ')} |`;
}

/** The line of the same ORM and database in the committed table. */
export function committedLine({ orm, database }: Covered): string | undefined {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`| ${orm} | ${database} |`));
}

/** Keeps what was measured for the table that is written from it. */
export function report(covered: Covered): void {
  mkdirSync(REPORTS, { recursive: true });
  const name = `${covered.orm} on ${covered.database}`.replaceAll(/\W+/g, '-');
  writeFileSync(path.join(REPORTS, `${name}.json`), JSON.stringify(covered));
}

/** Writes the table of everything that was measured between the markers of the page. */
export function writeTable(): void {
  const all = readdirSync(REPORTS)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(path.join(REPORTS, name), 'utf8')) as Covered);
  const lines = [BEGIN, ...HEAD, ...all.map(lineOf), '', ...lackingLines(all), END];
  const page = readFileSync(PAGE, 'utf8');
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);
  writeFileSync(PAGE, `${before}${lines.join('\n')}${after}`);
}

/** What an ORM has no API for, by reason. */
function lackingLines(all: readonly Covered[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const { orm, database, coverage } of all) {
    for (const [action, reason] of Object.entries(coverage.lacks)) {
      const line = `${orm} on ${database.replace(/ \d+$/, '')}: ${reason}`;
      actions.set(line, (actions.get(line) ?? new Set()).add(`\`${action}\``));
    }
  }
  return [...actions].map(([line, named]) => `- ${line} Not asked for: ${[...named].join(', ')}.`);
}
