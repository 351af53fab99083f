import { describe, expect, it } from 'vitest';
import type { Patch } from './patch.js';
import type { Report, TestResult } from './report.js';
import { judge } from './verdict.js';

const PATCH: Patch = { name: 'p', path: 'p.patch', sabotage: 'x', test: 'src/a.test.ts', title: 'holds' };

function reportOf(
  outcome: TestResult['outcome'],
  title = 'a suite holds (SQLite)',
  file = '/r/src/a.test.ts',
): Report {
  return { tests: [{ file, title, outcome }], broken: [] };
}

describe('the verdict about a sabotage patch', () => {
  it('is that the named test failed or passed', () => {
    expect(judge(PATCH, reportOf('failed'), '/r')).toEqual({ kind: 'failed' });
    expect(judge(PATCH, reportOf('passed'), '/r')).toEqual({ kind: 'passed' });
  });

  it.each([
    ['was skipped', reportOf('skipped')],
    ['has another title', reportOf('failed', 'another')],
    ['is in another file', reportOf('failed', 'holds', '/r/src/b.test.ts')],
    ['does not load', { tests: [], broken: [{ file: '/r/src/a.test.ts', reason: 'syntax error' }] }],
    ['left no report', undefined],
  ])('is unclear when the test %s', (_, report) => {
    expect(judge(PATCH, report, '/r')).toMatchObject({ kind: 'unclear' });
  });
});
