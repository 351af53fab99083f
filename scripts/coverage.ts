import type { Report, TestResult } from './report.js';

/** What `scenarios.json` claims about one scenario. */
export interface Claim {
  title: string;
  done: boolean;
}

export interface ScenarioCoverage extends Claim {
  name: string;
  /** The tests that carry the scenario's name and were executed. */
  tests: TestResult[];
  /** Why the claim does not hold; undefined when it does. */
  fault: string | undefined;
}

/** What a test's title carries, as in `P13: an update joins the transaction`. */
export const CARRIED = '(P\\d+|BAD-INPUT):';

/** Holds every claim against the executed tests. */
export function coverScenarios(claims: Record<string, Claim>, report: Report): ScenarioCoverage[] {
  const executed = report.tests.filter(({ outcome }) => outcome !== 'skipped');
  return Object.entries(claims).map(([name, { title, done }]) => {
    const tests = executed.filter((test) => carriedBy(test.title).includes(name));
    return { name, title, done, tests, fault: done ? faultOf(tests) : undefined };
  });
}

/** Names that tests carry and no claim is about: a slip of the pen would otherwise go unseen. */
export function unknownScenarios(claims: Record<string, Claim>, report: Report): string[] {
  const carried = new Set(report.tests.flatMap(({ title }) => carriedBy(title)));
  return [...carried].filter((name) => !(name in claims));
}

function carriedBy(title: string): string[] {
  return [...title.matchAll(new RegExp(`(?<![\\w-])${CARRIED}`, 'g'))].flatMap(([, name]) => name ?? []);
}

function faultOf(tests: TestResult[]): string | undefined {
  if (tests.length === 0) return 'claimed done, but no executed test carries it';
  const failed = tests.filter(({ outcome }) => outcome === 'failed').length;
  return failed === 0 ? undefined : `claimed done, but ${failed} of its tests failed`;
}
