/**
 * Packs a package and looks at the tarball as its users will: publint, attw, and an installation without
 * network in which every subpath is imported and required, each in a process of its own, and the bin is run.
 * `tsx scripts/package.ts [folder]`, packages/indelible by default.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT, run, tool } from './command.js';
import { install, type Installation, unpack } from './installation.js';

/** What one check found wrong; empty when all is well. */
type Faults = string[];

async function lintTarball(tarball: string): Promise<Faults> {
  const checks = [
    await run(tool('publint'), ['run', tarball, '--strict']),
    await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']),
  ];
  return checks.filter(({ ok }) => !ok).map(({ output }) => output);
}

/** The compiler copies no SQL, so a migration is easily left behind; tests are easily taken along. */
function contentFaults({ files }: Installation, source: string): Faults {
  const unwanted = files.filter((path) => /\.(test|types)\.|\.tsbuildinfo$/.test(path));
  const wanted = sqlFiles(join(source, 'src')).map((path) => join('dist', path));
  return [
    ...unwanted.map((path) => `the package holds ${path}, which no user needs`),
    ...wanted.filter((path) => !files.includes(path)).map((path) => `the package lacks ${path}`),
  ];
}

function sqlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.sql'));
}

/** Loads a subpath in both ways; `require` finds a top-level await or a missing default condition. */
async function load(installation: Installation, specifier: string): Promise<Faults> {
  const quoted = JSON.stringify(specifier);
  const ways = [
    ['--input-type=module', '--eval', `await import(${quoted})`],
    ['--input-type=commonjs', '--eval', `require(${quoted})`],
  ];
  const outcomes = await Promise.all(
    ways.map((way) => run(process.execPath, way, { cwd: installation.folder })),
  );
  return outcomes.flatMap(({ ok, output }, index) =>
    ok ? [] : [`${index === 0 ? 'import' : 'require'} of ${specifier} failed:\n${output}`],
  );
}

async function runBins({ folder, manifest }: Installation): Promise<Faults> {
  const faults: Faults = [];
  for (const name of Object.keys(manifest.bin ?? {})) {
    const { ok, output } = await run('npx', ['--no-install', name, '--help'], { cwd: folder });
    if (!ok || !output.includes(name)) faults.push(`npx ${name} --help failed:\n${output}`);
  }
  return faults;
}

/** Whoever does not install the optional peers must still be able to load the package itself. */
async function loadWithoutPeers(package_: string, folder: string): Promise<Faults> {
  const bare = install(package_, folder, { optionalPeers: false });
  const faults = await load(bare, bare.manifest.name);
  return faults.map((fault) => `without optional peers: ${fault}`);
}

async function check(source: string, temporary: string): Promise<Faults> {
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', temporary], { cwd: source });
  if (!packed.ok) return [`npm pack failed:\n${packed.output}`];
  const { tarball, content } = await unpack(temporary);
  const installation = install(content, join(temporary, 'full'), { optionalPeers: true });
  if (installation.specifiers.length === 0) return ['package.json has no exports'];
  const faults = [...(await lintTarball(tarball)), ...contentFaults(installation, source)];
  for (const specifier of installation.specifiers) faults.push(...(await load(installation, specifier)));
  faults.push(...(await loadWithoutPeers(content, join(temporary, 'bare'))));
  faults.push(...(await runBins(installation)));
  console.log(`loaded ${installation.specifiers.join(', ')}`);
  return faults;
}

const temporary = mkdtempSync(join(tmpdir(), 'indelible-package-'));
try {
  const faults = await check(resolve(process.argv[2] ?? join(ROOT, 'packages/indelible')), temporary);
  for (const fault of faults) console.log(fault.trim());
  console.log(faults.length === 0 ? 'the package is fine' : `${faults.length} faults in the package`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
