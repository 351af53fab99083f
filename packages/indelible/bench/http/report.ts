import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Compared, FrameworkFigures, Spread, VariantFigures } from './figures.js';
import type { Verdict } from './goals.js';
import type { Sizes } from './rounds.js';
import { MEANING, VARIANTS } from './variants.js';

export interface HttpResult {
  readonly measuredAt: string;
  readonly machine: object;
  readonly sizes: Sizes;
  readonly method: readonly string[];
  readonly frameworks: readonly FrameworkFigures[];
  readonly goals: readonly Verdict[];
}

const HEADS = [
  'variant',
  'at most, requests/s',
  'ratio',
  'measured at, requests/s',
  'median, ms',
  'added, ms',
  'p99, ms',
  'added, ms',
  'processor, us a request',
  'added, us',
  'of it the thread that answers, us',
  'the one that writes the trail, us',
];

/** As JSON with everything, and as tables to read. Answers the names of both files. */
export function writeResult(result: HttpResult, label: string): readonly string[] {
  const folder = fileURLToPath(new URL('../results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const [json, markdown] = [`${folder}${label}-http.json`, `${folder}${label}-http.md`];
  writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(markdown, markdownOf(result));
  return [json, markdown];
}

function markdownOf({ sizes, method, frameworks, goals, measuredAt }: HttpResult): string {
  const lines = [
    '# What recording costs a request',
    '',
    `${sizes.rounds} rounds, ${measuredAt}; ${sizes.connections} connections, arrivals ${sizes.arrivals}.`,
    'Figures are the median of the rounds (least to most); what is added is to the plain application in the same round.',
    '',
    ...method.map((line) => `- ${line}`),
    '',
    ...VARIANTS.map((variant) => `- \`${variant}\`: ${MEANING[variant]}`),
    ...frameworks.flatMap(frameworkLines),
    '',
    '## Goals',
    '',
    ...table(
      ['framework', 'what', 'under', 'found'],
      goals.map(({ framework, what, under, unit, found, isMet }) => [
        framework,
        what,
        `${under} ${unit}`,
        isMet ? `${found}` : `${found}, **missed**`,
      ]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function frameworkLines({ framework, variants, shares, functions }: FrameworkFigures): string[] {
  return [
    '',
    `## ${framework}`,
    '',
    ...table(HEADS, variants.map(rowOf)),
    '',
    ...table(
      ['variant', 'added at the median: a record, ms', 'a list, ms'],
      variants
        .filter(({ variant }) => variant !== 'plain')
        .map(({ variant, latency }) => [variant, text(latency.read.p50.added), text(latency.list.p50.added)]),
    ),
    '',
    'Where the main thread spends a request, in microseconds, by the sampling profiler:',
    '',
    ...table(
      ['', ...Object.keys(shares)],
      [...new Set(Object.values(shares).flatMap((times) => Object.keys(times)))].map((share) => [
        share,
        ...Object.values(shares).map((times) => String(times[share] ?? 0)),
      ]),
    ),
    '',
    "Indelible's functions that cost the most of it when it records `soon`, with what of Node they call:",
    '',
    ...table(
      ['function', 'us', 'itself', 'calls'],
      functions.map(({ name, total, self, calls }) => [`\`${name}\``, `${total}`, `${self}`, calls]),
    ),
  ];
}

function rowOf({ variant, throughput, rate, latency, process, main, writer }: VariantFigures): string[] {
  const { p50, p99 } = latency.all;
  const isPlain = variant === 'plain';
  const added = (figure: Compared | null): string => (isPlain || figure === null ? '-' : text(figure.added));
  return [
    variant,
    text(throughput.value),
    isPlain ? '1' : text(throughput.ratio),
    String(rate),
    text(p50.value),
    added(p50),
    text(p99.value),
    added(p99),
    text(process.value),
    added(process),
    added(main),
    added(writer),
  ];
}

function text([middle, least, most]: Spread): string {
  return `${short(middle)} (${short(least)} to ${short(most)})`;
}

function short(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 3);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}
