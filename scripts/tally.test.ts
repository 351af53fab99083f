import { describe, expect, it } from 'vitest';
import type { Report, TestResult } from './report.js';
import { tally } from './tally.js';

function reportOf(...outcomes: TestResult['outcome'][]): Report {
  return { tests: outcomes.map((outcome) => ({ file: 'a.test.ts', title: outcome, outcome })), broken: [] };
}

describe('the tally of a test run', () => {
  it('counts passed and failed tests', () => {
    expect(tally(reportOf('passed', 'failed', 'passed'), false)).toEqual({
      passed: 2,
      failed: 1,
      complaints: [],
    });
  });

  it('counts a skipped test as failed and names it', () => {
    const { failed, complaints } = tally(reportOf('passed', 'skipped'), true);
    expect(failed).toBe(1);
    expect(complaints).toEqual(['skipped: skipped (a.test.ts)']);
  });

  it('counts a file that does not load as failed', () => {
    const report = { ...reportOf('passed'), broken: [{ file: 'b.test.ts', reason: 'no such module' }] };
    expect(tally(report, false)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('fails when no test ran, when there is no report and when the runner itself failed', () => {
    expect(tally(reportOf(), true).failed).toBe(1);
    expect(tally(undefined, false).failed).toBe(1);
    expect(tally(reportOf('passed'), false)).toMatchObject({ passed: 1, failed: 1 });
  });
});
