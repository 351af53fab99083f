import type { Report } from './report.js';

/** What the tests of a run come to in the closing line. */
export interface Tally {
  passed: number;
  failed: number;
  /** Why the run failed beyond what the streamed output of the failed tests says. */
  complaints: string[];
}

/** Counts a run of all tests: a skipped test, a file that does not load and an empty run are failures too. */
export function tally(report: Report | undefined, exitedWell: boolean): Tally {
  if (report === undefined) {
    return { passed: 0, failed: 1, complaints: ['the test run left no report: it ended before any test'] };
  }
  const count = (outcome: string): number => report.tests.filter((test) => test.outcome === outcome).length;
  const skipped = report.tests.filter(({ outcome }) => outcome === 'skipped');
  const complaints = [
    ...skipped.map(({ file, title }) => `skipped: ${title} (${file})`),
    ...report.broken.map(({ file, reason }) => `could not be run: ${file}: ${reason}`),
  ];
  const failed = count('failed');
  if (report.tests.length + complaints.length === 0) complaints.push('no test ran');
  else if (!exitedWell && failed + complaints.length === 0) {
    complaints.push('every test passed, yet the run failed: see its errors above');
  }
  return { passed: count('passed'), failed: failed + complaints.length, complaints };
}
