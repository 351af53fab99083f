import { describe, expect, it } from 'vitest';
import { coverScenarios, unknownScenarios } from './coverage.js';
import type { Report, TestResult } from './report.js';

function reportOf(...tests: [string, TestResult['outcome']][]): Report {
  return { tests: tests.map(([title, outcome]) => ({ file: 'a.test.ts', title, outcome })), broken: [] };
}

function faultOf(report: Report, done = true): string | undefined {
  return coverScenarios({ P1: { title: 'one', done } }, report)[0]?.fault;
}

describe('the coverage of scenarios', () => {
  it('is fine when an executed test carries the number and passed', () => {
    expect(faultOf(reportOf(['a suite P1: it holds', 'passed']))).toBeUndefined();
  });

  it('is a fault when no test carries the number', () => {
    expect(faultOf(reportOf(['P13: another', 'passed'], ['XP1: not it', 'passed']))).toContain(
      'no executed test',
    );
  });

  it('is a fault when the only test was skipped', () => {
    expect(faultOf(reportOf(['P1: skipped', 'skipped']))).toContain('no executed test');
  });

  it('is a fault when one of several tests failed', () => {
    expect(faultOf(reportOf(['P1: this', 'passed'], ['P1: that', 'failed']))).toContain(
      '1 of its tests failed',
    );
  });

  it('is no fault while the scenario is not claimed done', () => {
    expect(faultOf(reportOf(['P1: that', 'failed']), false)).toBeUndefined();
  });

  it('counts a test for every number it carries', () => {
    const claims = { P1: { title: 'one', done: true }, 'BAD-INPUT': { title: 'bad', done: true } };
    const covered = coverScenarios(claims, reportOf(['P1: BAD-INPUT: both', 'passed']));
    expect(covered.map(({ tests }) => tests.length)).toEqual([1, 1]);
  });

  it('names the numbers that nobody knows', () => {
    expect(unknownScenarios({ P1: { title: 'one', done: true } }, reportOf(['P99: what', 'passed']))).toEqual(
      ['P99'],
    );
  });
});
