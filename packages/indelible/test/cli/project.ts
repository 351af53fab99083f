import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const HOME = fileURLToPath(new URL('../..', import.meta.url));
const MODULES = join(HOME, '../../node_modules');
const TSC = join(MODULES, '.bin/tsc');

/** How a command ended, and what it wrote. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The folder of the project the command is started in; the project itself by default. */
  readonly from?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Standard output that its reader closed at once, or that cannot be written as on a full disk. */
  readonly output?: 'closed' | 'unwritable';
}

/**
 * The package as a user installs it, built from the sources as they are now. It lies where its dependencies are
 * found, in a folder that git does not see.
 */
export class Package {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static build(): Package {
    const cache = join(HOME, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const built = new Package(mkdtempSync(join(cache, 'indelible-')));
    const dist = join(built.folder, 'dist');
    const once = [
      'composite',
      'incremental',
      'isolatedDeclarations',
      'declaration',
      'declarationMap',
      'sourceMap',
    ];
    const options = once.flatMap((option) => [`--${option}`, 'false']);
    const { stdout } = spawnSync(
      TSC,
      ['-p', HOME, '--outDir', dist, '--tsBuildInfoFile', 'null', ...options],
      {
        encoding: 'utf8',
      },
    );
    if (!existsSync(join(dist, 'cli/main.js'))) throw new Error(`The package could not be built: ${stdout}`);
    cpSync(join(HOME, 'src'), dist, {
      recursive: true,
      filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
    });
    cpSync(join(HOME, 'package.json'), join(built.folder, 'package.json'));
    return built;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A project that has the package installed. */
export class Project {
  readonly folder: string;
  readonly #main: string;

  constructor(installed: Package, files: Readonly<Record<string, string>> = {}) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'indelible-project-')));
    this.#main = join(installed.folder, 'dist/cli/main.js');
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(installed.folder, join(this.folder, 'node_modules/indelible'));
    this.write({ 'package.json': '{ "type": "module" }', ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.path(path)), { recursive: true });
      writeFileSync(this.path(path), content);
    }
  }

  /** Gives the project a package of the workspace. */
  install(name: string): void {
    symlinkSync(join(MODULES, name), join(this.folder, 'node_modules', name));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs the command line to its end, with no terminal and only the environment given. */
  async indelible(
    args: readonly string[],
    { from = '.', environment = {}, output }: RunOptions = {},
  ): Promise<Ending> {
    const { PATH, HOME: home } = process.env;
    const unwritable = output === 'unwritable' ? openSync(this.path('package.json'), 'r') : undefined;
    const child = spawn(process.execPath, [this.#main, ...args], {
      cwd: this.path(from),
      env: { PATH, HOME: home, ...environment },
      stdio: ['ignore', unwritable ?? 'pipe', 'pipe'],
    });
    if (unwritable !== undefined) closeSync(unwritable);
    if (output === 'closed') child.stdout?.destroy();
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([
      output === undefined && child.stdout !== null ? text(child.stdout) : '',
      child.stderr === null ? '' : text(child.stderr),
    ]);
    return { code: await ended, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
