import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Outcome, ROOT, run } from './command.js';

/** A copy of the working tree in a temporary folder, to break things in. */
export class Worktree {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<Worktree> {
    const tree = new Worktree(realpathSync(mkdtempSync(join(tmpdir(), 'indelible-sabotage-'))));
    const files = await filesOfRepository();
    for (const file of files) tree.#copy(file);
    for (const folder of ['.', ...workspaces(files)])
      linkModules(join(ROOT, folder), join(tree.root, folder));
    // `git apply` outside a repository of its own would look for one in the folders above.
    await tree.#git('init', '--quiet');
    return tree;
  }

  apply(patch: string): Promise<Outcome> {
    return this.#git('apply', '--whitespace=nowarn', patch);
  }

  revert(patch: string): Promise<Outcome> {
    return this.#git('apply', '--whitespace=nowarn', '--reverse', patch);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #git(...args: string[]): Promise<Outcome> {
    return run('git', args, { cwd: this.root });
  }

  #copy(file: string): void {
    const target = join(this.root, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(ROOT, file), target);
  }
}

/** Tracked files and new ones, but nothing that git ignores and nothing that was deleted. */
async function filesOfRepository(): Promise<string[]> {
  const { ok, output } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (!ok) throw new Error(`The files of the repository cannot be listed: ${output}`);
  return [...new Set(output.split('\0'))].filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

function workspaces(files: string[]): string[] {
  return files.filter((file) => /^[^/]+\/[^/]+\/package\.json$/.test(file)).map((file) => dirname(file));
}

/** Installed packages are linked one by one, so that the links between workspaces stay inside the copy. */
function linkModules(source: string, target: string): void {
  const from = join(source, 'node_modules');
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).filter((entry) => entry === '.bin' || !entry.startsWith('.'))) {
    if (name.startsWith('@')) {
      for (const inner of readdirSync(join(from, name))) linkModule(from, join(name, inner), target);
    } else linkModule(from, name, target);
  }
}

function linkModule(from: string, name: string, target: string): void {
  const original = join(from, name);
  const link = join(target, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  // npm links a workspace by a relative path, which leads to the copy of the workspace when repeated here.
  symlinkSync(lstatSync(original).isSymbolicLink() ? readlinkSync(original) : original, link);
}
