/**
 * `npm run sabotage [-- name]`: breaks the code as each `sabotage/*.patch` says, in a copy of the working
 * tree, and demands that the test the patch names turns red; then that it is green with nothing broken.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT, run, tool } from './command.js';
import { type Patch, readPatches } from './patch.js';
import { readReport, type Report } from './report.js';
import { judge, type Verdict } from './verdict.js';
import { Worktree } from './worktree.js';

interface Trial {
  patch: Patch;
  verdict: Verdict;
}

async function runTests(tree: Worktree, patches: Patch[]): Promise<Report | undefined> {
  const file = resolve(tree.root, '.reports/sabotage.json');
  rmSync(file, { force: true });
  const files = [...new Set(patches.map(({ test }) => test))];
  const pattern = patches.map(({ title }) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const options = ['-t', pattern, '--reporter=json', `--outputFile.json=${file}`];
  await run(tool('vitest'), ['run', ...files, ...options], { cwd: tree.root });
  return readReport(file);
}

async function build(tree: Worktree): Promise<string | undefined> {
  const { ok, output } = await run('npm', ['run', '--silent', 'build'], { cwd: tree.root });
  return ok ? undefined : output;
}

async function buildUnbroken(tree: Worktree): Promise<void> {
  const errors = await build(tree);
  if (errors !== undefined) throw new Error(`The working tree does not build: ${errors}`);
}

/** Breaks the copy, runs the named test, and mends the copy again. */
async function attempt(tree: Worktree, patch: Patch): Promise<Verdict> {
  const applied = await tree.apply(patch.path);
  if (!applied.ok) return { kind: 'unclear', why: `the patch no longer applies: ${applied.output}` };
  const errors = await build(tree);
  const verdict: Verdict =
    errors === undefined
      ? judge(patch, await runTests(tree, [patch]), tree.root)
      : { kind: 'unclear', why: `the broken code does not compile: ${errors}` };
  const reverted = await tree.revert(patch.path);
  if (!reverted.ok) throw new Error(`${patch.name} could not be taken back: ${reverted.output}`);
  return verdict;
}

function print({ patch, verdict }: Trial): void {
  const mark = verdict.kind === 'failed' ? 'caught ' : 'ESCAPED';
  console.log(`${mark} ${patch.name}: ${patch.sabotage}`);
  if (verdict.kind === 'passed') console.log(`        the test \`${patch.title}\` passed all the same`);
  if (verdict.kind === 'unclear') console.log(`        ${verdict.why.trim()}`);
}

/** The patches whose test does not pass when nothing is broken, so that its failing proves nothing. */
async function redUnbroken(tree: Worktree, patches: Patch[]): Promise<Set<Patch>> {
  await buildUnbroken(tree);
  const report = await runTests(tree, patches);
  const red = new Set<Patch>();
  for (const patch of patches) {
    const verdict = judge(patch, report, tree.root);
    if (verdict.kind === 'passed') continue;
    red.add(patch);
    const why = verdict.kind === 'unclear' ? verdict.why : 'it fails';
    console.log(`ESCAPED ${patch.name}: with nothing broken its test does not pass either: ${why.trim()}`);
  }
  return red;
}

async function sabotage(patches: Patch[]): Promise<number> {
  const tree = await Worktree.create();
  try {
    await buildUnbroken(tree);
    const trials: Trial[] = [];
    for (const patch of patches) {
      const trial = { patch, verdict: await attempt(tree, patch) };
      print(trial);
      trials.push(trial);
    }
    const red = await redUnbroken(tree, patches);
    const caught = trials.filter(({ patch, verdict }) => verdict.kind === 'failed' && !red.has(patch)).length;
    console.log(`\n${caught} caught, ${trials.length - caught} escaped`);
    return trials.length - caught;
  } finally {
    tree.remove();
  }
}

const wanted = process.argv[2] ?? '';
const patches = readPatches(resolve(ROOT, 'sabotage'), wanted);
if (patches.length === 0) throw new Error(`There is no sabotage/*${wanted}*.patch`);
process.exitCode = (await sabotage(patches)) === 0 ? 0 : 1;
