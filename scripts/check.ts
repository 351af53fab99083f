/** `npm test`: every check of the repository, all of them even when one fails, and a closing line. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT, run, tool } from './command.js';
import { readReport } from './report.js';
import { tally, type Tally } from './tally.js';

interface Step {
  name: string;
  command: string;
  args: string[];
}

/** What the global setup of the tests wrote. */
interface ServersReport {
  servers: string[];
  notTested: string[];
}

const TEST_REPORT = resolve(ROOT, '.reports/tests.json');
const SERVERS_REPORT = resolve(ROOT, '.reports/servers.json');

const BEFORE_TESTS: Step[] = [
  { name: 'generated clients', command: 'npm', args: ['run', 'generate'] },
  { name: 'format', command: tool('oxfmt'), args: ['--check'] },
  { name: 'lint', command: tool('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'build and types', command: 'npm', args: ['run', 'build'] },
  { name: 'unused code', command: tool('knip'), args: [] },
  { name: 'package', command: tool('tsx'), args: ['scripts/package.ts'] },
];

const AFTER_TESTS: Step[] = [
  { name: 'scenarios', command: tool('tsx'), args: ['scripts/scenarios.ts', '--report', TEST_REPORT] },
];

async function runStep({ name, command, args }: Step): Promise<boolean> {
  const { ok, output, seconds } = await run(command, args);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
  if (!ok) console.log(`\n${output.trim()}\n`);
  return ok;
}

async function runSteps(steps: Step[]): Promise<string[]> {
  const failed: string[] = [];
  for (const step of steps) if (!(await runStep(step))) failed.push(step.name);
  return failed;
}

async function runTests(): Promise<Tally> {
  rmSync(TEST_REPORT, { force: true });
  rmSync(SERVERS_REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${TEST_REPORT}`];
  const { ok, seconds } = await run(tool('vitest'), ['run', ...reporters], { stream: true });
  const result = tally(readReport(TEST_REPORT), ok);
  console.log(`${result.failed === 0 ? 'ok    ' : 'FAILED'} tests (${seconds.toFixed(1)} s)`);
  for (const complaint of result.complaints) console.log(`       ${complaint}`);
  return result;
}

function describeServers(): string[] {
  if (!existsSync(SERVERS_REPORT)) return ['Servers: none could be had, see above.'];
  const { servers, notTested }: ServersReport = JSON.parse(readFileSync(SERVERS_REPORT, 'utf8'));
  return [`Servers: ${servers.join(', ')}.`, ...notTested.map((what) => `Not tested: ${what}`)];
}

const failedBefore = await runSteps(BEFORE_TESTS);
const tests = await runTests();
const failedSteps = [...failedBefore, ...(await runSteps(AFTER_TESTS))];
const failed = tests.failed + failedSteps.length;
const passed = tests.passed + BEFORE_TESTS.length + AFTER_TESTS.length - failedSteps.length;

console.log(`\n${describeServers().join('\n')}`);
if (failedSteps.length > 0) console.log(`Failed steps: ${failedSteps.join(', ')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
