import { existsSync, readFileSync } from 'node:fs';
import type { JsonTestResults } from 'vitest/node';

/** A test of a vitest run, with the names of the suites around it in its title. */
export interface TestResult {
  file: string;
  title: string;
  outcome: 'passed' | 'failed' | 'skipped';
}

export interface Report {
  tests: TestResult[];
  /** Test files none of whose tests could be run, and why. */
  broken: { file: string; reason: string }[];
}

/** Reads the file that vitest's json reporter wrote; undefined when there is none. */
export function readReport(file: string): Report | undefined {
  if (!existsSync(file)) return undefined;
  const { testResults }: JsonTestResults = JSON.parse(readFileSync(file, 'utf8'));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      file: name,
      title: fullName.trim(),
      outcome: outcomeOf(status),
    })),
  );
  return {
    tests,
    broken: testResults.filter(isBroken).map(({ name, message }) => ({ file: name, reason: message })),
  };
}

/** A file that failed without a failed test: it did not load, or a hook around its tests threw. */
function isBroken({ status, assertionResults }: JsonTestResults['testResults'][number]): boolean {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

function outcomeOf(status: string): TestResult['outcome'] {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}
