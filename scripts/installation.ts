import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, run } from './command.js';

interface Manifest {
  name: string;
  exports?: string | Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** A project in a temporary folder that has a packed package among its dependencies. */
export interface Installation {
  folder: string;
  manifest: Manifest;
  /** Everything a user may import of the package. */
  specifiers: string[];
  files: string[];
}

/** Unpacks the one tarball in a folder. */
export async function unpack(folder: string): Promise<{ tarball: string; content: string }> {
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack left no tarball in ${folder}`);
  const tarball = join(folder, name);
  const { ok, output } = await run('tar', ['-xzf', tarball, '-C', folder]);
  if (!ok) throw new Error(`${tarball} could not be unpacked:\n${output}`);
  return { tarball, content: join(folder, 'package') };
}

/** Installs an unpacked package in a new project, its dependencies being those of the repository. */
export function install(
  content: string,
  folder: string,
  { optionalPeers }: { optionalPeers: boolean },
): Installation {
  const manifest: Manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8'));
  const home = join(folder, 'node_modules', manifest.name);
  cpSync(content, home, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  for (const dependency of dependenciesOf(manifest, optionalPeers))
    linkDependency(manifest.name, dependency, folder);
  linkBins(manifest, folder);
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return { folder, manifest, specifiers: specifiersOf(manifest), files };
}

function dependenciesOf(manifest: Manifest, optionalPeers: boolean): string[] {
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const isOptional = (peer: string): boolean => manifest.peerDependenciesMeta?.[peer]?.optional === true;
  return [
    ...Object.keys(manifest.dependencies ?? {}),
    ...peers.filter((peer) => optionalPeers || !isOptional(peer)),
  ];
}

function linkDependency(owner: string, dependency: string, folder: string): void {
  const homes = [join(ROOT, 'packages', owner, 'node_modules'), join(ROOT, 'node_modules')];
  const target = homes.map((home) => join(home, dependency)).find((path) => existsSync(path));
  if (target === undefined) throw new Error(`${owner} depends on ${dependency}, which is not installed here`);
  const link = join(folder, 'node_modules', dependency);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link);
}

/** As npm does: a link in `.bin` to a file made executable. */
function linkBins({ name, bin }: Manifest, folder: string): void {
  for (const [command, path] of Object.entries(bin ?? {})) {
    const file = join(folder, 'node_modules', name, path);
    if (!existsSync(file))
      throw new Error(`The bin ${command} of ${name} is ${path}, which is not in the package`);
    chmodSync(file, 0o755);
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    symlinkSync(file, join(folder, 'node_modules/.bin', command));
  }
}

function specifiersOf({ name, exports }: Manifest): string[] {
  if (exports === undefined) return [];
  const keys = typeof exports === 'string' ? ['.'] : Object.keys(exports);
  // Conditions at the top level (`{ "import": ... }`) are short for the one subpath ".".
  const subpaths = keys.every((key) => key.startsWith('.')) ? keys : ['.'];
  const loadable = subpaths.filter((subpath) => !subpath.includes('*') && !subpath.endsWith('.json'));
  return loadable.map((subpath) => name + subpath.slice(1));
}
