import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { isFigure, type Verdict } from './goals.js';
import type { Fate, Traffic } from './probes.js';
import type { Figure, Figures, Sizes, Spread } from './rounds.js';

export interface Compared {
  readonly database: string;
  readonly name: string;
  readonly sides: Figures;
  readonly traffic: Traffic;
  readonly fates: Readonly<Record<string, Fate>>;
  readonly notes: readonly string[];
}

/** What could not be measured. */
export interface LeftOut {
  readonly name: string;
  readonly isPeer: boolean;
  readonly reason: string;
}

export interface CaptureResult {
  readonly measuredAt: string;
  readonly machine: object;
  readonly sizes: Sizes;
  readonly commits: 'on' | 'off';
  readonly method: readonly string[];
  readonly compared: readonly Compared[];
  readonly leftOut: readonly LeftOut[];
  readonly goals: readonly Verdict[];
}

/** As JSON with everything, and as a table to read. Answers the names of both files. */
export function writeResult(result: CaptureResult, label: string): readonly string[] {
  const folder = fileURLToPath(new URL('../results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const [json, markdown] = [`${folder}${label}-capture.json`, `${folder}${label}-capture.md`];
  writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(markdown, markdownOf(result));
  return [json, markdown];
}

function markdownOf({ sizes, commits, method, compared, leftOut, goals, measuredAt }: CaptureResult): string {
  const lines = [
    '# What capture costs',
    '',
    `${sizes.updates} single-row updates, and one update of ${sizes.rows} rows; ${sizes.rounds} rounds, ${measuredAt},`,
    `with synchronous_commit ${commits} on PostgreSQL.`,
    'Ratios are to the plain ORM in the same round: median (least to most).',
    '',
    ...method.map((line) => `- ${line}`),
    '',
    ...table(
      [
        'database',
        'ORM',
        'side',
        'single, ms',
        'single, ratio',
        'bulk, ms',
        'bulk, ratio',
        'recorded',
        'sent',
      ],
      compared.flatMap(rowsOf),
    ),
    '',
    '`recorded`: changes of the last round, single and bulk. `sent`: statements / those parsed / round trips of one',
    'single update, then of the bulk update.',
    ...compared.flatMap(({ name, notes }) => notes.map((note) => `\n${name}: ${note}`)),
    ...fateLines(compared),
    '',
    '## Goals',
    '',
    ...table(
      ['ORM', 'what', 'at most', 'found'],
      goals.map((goal) => [goal.orm, goal.what, `${goal.atMost}`, foundText(goal)]),
    ),
    ...leftOutLines(leftOut),
  ];
  return `${lines.join('\n')}\n`;
}

function rowsOf({ database, name, sides, traffic }: Compared): string[][] {
  return Object.entries(sides).map(([side, { single, bulk }]) => {
    const sent = [traffic[side]?.single, traffic[side]?.bulk]
      .map((one) => (one ? `${one.statements} / ${one.parsed} / ${one.roundTrips}` : '-'))
      .join(', ');
    const recorded = [single, bulk].map(recordedText).join(', ');
    return [
      database,
      name,
      side,
      milliseconds(single),
      ratioText(single),
      milliseconds(bulk),
      ratioText(bulk),
      recorded === '-, -' ? '-' : recorded,
      sent === '-, -' ? '-' : sent,
    ];
  });
}

type Maybe = Figure | { failed: string } | undefined;

function milliseconds(figure: Maybe): string {
  if (!isFigure(figure)) return '-';
  return String(Math.round(figure.milliseconds[0]));
}

/** To the first of the baselines, and to the others by name. */
function ratioText(figure: Maybe): string {
  if (figure === undefined) return '-';
  if (!isFigure(figure)) return `failed: ${figure.failed}`;
  const [first, ...others] = Object.entries(figure.ratios);
  if (first === undefined) return '1';
  return [spreadText(first[1]), ...others.map(([name, one]) => `${spreadText(one)} to ${name}`)].join('; ');
}

function spreadText([middle, least, most]: Spread): string {
  return `${middle} (${least} to ${most})`;
}

function recordedText(figure: Maybe): string {
  return isFigure(figure) && figure.recorded !== null ? String(figure.recorded) : '-';
}

function foundText({ found, isMet }: Verdict): string {
  if (found === null) return 'not measured';
  return isMet ? `${found}` : `${found}, **missed**`;
}

function fateLines(compared: readonly Compared[]): string[] {
  const rows = compared.flatMap(({ name, fates }) =>
    Object.values(fates).map((fate) => [
      name,
      String(fate.leftAfterRollback),
      fate.keptWithoutRecord ? 'stays' : 'is refused',
    ]),
  );
  if (rows.length === 0) return [];
  const heads = ['peer', 'records left of one rolled-back update', 'a change that cannot be recorded'];
  return ['', '## In the same transaction?', '', ...table(heads, rows)];
}

function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  if (leftOut.length === 0) return [];
  return ['', '## Left out', '', ...leftOut.map(({ name, reason }) => `- ${name}: ${reason.trim()}`)];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}
