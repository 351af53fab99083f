import { join } from 'node:path';
import type { Patch } from './patch.js';
import type { Report, TestResult } from './report.js';

/** What a test run says about a patch. */
export type Verdict = { kind: 'failed' } | { kind: 'passed' } | { kind: 'unclear'; why: string };

/** Whether the test a patch names failed; a test that was not executed says nothing. */
export function judge(patch: Patch, report: Report | undefined, root: string): Verdict {
  if (report === undefined) return unclear('the test run ended before any test');
  const file = join(root, patch.test);
  const named = report.tests.filter((test) => test.file === file && test.title.includes(patch.title));
  const broken = report.broken.find((candidate) => candidate.file === file);
  if (broken !== undefined) return unclear(`${patch.test} could not be run: ${broken.reason}`);
  if (!named.some(wasExecuted))
    return unclear(`no executed test of ${patch.test} is called \`${patch.title}\``);
  return { kind: named.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'passed' };
}

function wasExecuted({ outcome }: TestResult): boolean {
  return outcome !== 'skipped';
}

function unclear(why: string): Verdict {
  return { kind: 'unclear', why };
}
