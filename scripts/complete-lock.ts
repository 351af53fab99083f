/**
 * Completes package-lock.json after `npm install`: npm leaves away the optional packages of other platforms
 * that its registry does not have, and `npm ci` then refuses the file. They are written in by name and
 * version; nothing of them is installed here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { ROOT } from './command.js';

interface Locked {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  cpu?: string[];
  libc?: string[];
  os?: string[];
  optionalDependencies?: Record<string, string>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ppc64', 'riscv64', 's390x', 'ia32', 'wasm32'];

const file = resolve(ROOT, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
const added: string[] = [];

for (const [place, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (`node_modules/${name}` in lock.packages || `${place}/node_modules/${name}` in lock.packages) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      optional: true,
      ...(dev && { dev }),
      ...platform(name),
    };
    added.push(name);
  }
}
const { '': root, ...others } = lock.packages;
lock.packages = { '': root ?? {}, ...Object.fromEntries(Object.entries(others).toSorted(byName)) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added.length} packages of other platforms written in`);

/** What the name of a binding says of where it runs: `@oxlint/binding-linux-arm64-musl`. */
function platform(name: string): Pick<Locked, 'cpu' | 'libc' | 'os'> {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const found = (known: string[]): string[] => known.filter((word) => words.includes(word)).slice(0, 1);
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  const isLinux = words.includes('linux');
  return { os: found(SYSTEMS), cpu: found(PROCESSORS), ...(isLinux && { libc }) };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
