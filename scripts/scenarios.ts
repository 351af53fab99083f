/**
 * `npm run scenarios [-- --report FILE]`: which executed tests show each scenario of `scenarios.json`.
 * Without a report of vitest it runs the tests that carry a scenario's name.
 */
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, run, tool } from './command.js';
import { CARRIED, type Claim, coverScenarios, type ScenarioCoverage, unknownScenarios } from './coverage.js';
import { readReport, type Report } from './report.js';

const MARKS = { passed: '✓', failed: '✗', skipped: '-' } as const;

async function runCarriers(): Promise<string> {
  const file = resolve(ROOT, '.reports/scenarios.json');
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  await run(tool('vitest'), ['run', '-t', CARRIED, ...reporters], { stream: true });
  return file;
}

function print({ name, title, done, tests, fault }: ScenarioCoverage): void {
  const state = fault !== undefined ? 'FAULT' : done ? 'done' : 'open';
  console.log(`${name.padEnd(9)} ${state.padEnd(5)} ${title}`);
  for (const test of tests) console.log(`${' '.repeat(16)}${MARKS[test.outcome]} ${test.title}`);
  if (fault !== undefined) console.log(`${' '.repeat(16)}! ${fault}`);
}

/** A file that could not be run hides the tests in it, so it counts against the whole. */
function faultsOfRun(claims: Record<string, Claim>, report: Report): string[] {
  return [
    ...unknownScenarios(claims, report).map(
      (name) => `a test carries ${name}, which scenarios.json does not have`,
    ),
    ...report.broken.map(({ file, reason }) => `${file} could not be run: ${reason}`),
  ];
}

function judge(file: string): number {
  const report = readReport(file);
  if (report === undefined)
    throw new Error(`There is no test report ${file}: the test run ended before any test.`);
  const claims: Record<string, Claim> = JSON.parse(readFileSync(resolve(ROOT, 'scenarios.json'), 'utf8'));
  const covered = coverScenarios(claims, report);
  for (const scenario of covered) print(scenario);
  const faults = faultsOfRun(claims, report);
  for (const fault of faults) console.log(`! ${fault}`);
  const wrong = covered.filter(({ fault }) => fault !== undefined).map(({ name }) => name);
  const done = covered.filter((scenario) => scenario.done).length;
  console.log(
    `\n${done} of ${covered.length} scenarios claimed done; not shown: ${wrong.join(', ') || 'none'}`,
  );
  return wrong.length + faults.length;
}

const { values } = parseArgs({ options: { report: { type: 'string' } } });
process.exitCode = judge(values.report ?? (await runCarriers())) === 0 ? 0 : 1;
