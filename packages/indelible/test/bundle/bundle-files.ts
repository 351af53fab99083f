import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type BundleOptions, createBundle } from '../../src/bundle/create-bundle.js';
import { FILES } from '../../src/bundle/layout.js';
import { type BundleManifest, writeManifest } from '../../src/bundle/manifest.js';
import { signManifest } from '../../src/bundle/signature.js';
import { type BundleReport, verifyBundle } from '../../src/bundle/verify-bundle.js';
import type { SigningKey } from '../../src/integrity/note-key.js';
import { type ClinicLog, EVERYTHING } from './clinic-log.js';

const INDEPENDENT = fileURLToPath(new URL('independent.mjs', import.meta.url));

export async function bundleOf(log: ClinicLog, options: Partial<BundleOptions> = {}): Promise<string> {
  const { store, key } = log;
  const output = log.newPath();
  await createBundle({ store, query: EVERYTHING, output, keys: [key.verifierKey], key, ...options });
  return options.output ?? output;
}

export function verify(path: string, { key }: ClinicLog): Promise<BundleReport> {
  return verifyBundle(path, { keys: [key.verifierKey] });
}

/** What the second verifier says, which shares no code with the first. */
export function independently(folder: string, { key }: ClinicLog): { isGood: boolean; problems: string[] } {
  const output = execFileSync(process.execPath, [INDEPENDENT, folder, key.verifierKey], { encoding: 'utf8' });
  return JSON.parse(output) as { isGood: boolean; problems: string[] };
}

export interface Line {
  [member: string]: unknown;
  id: string;
  index: number;
  core: string;
  payload: string;
}

export function linesOf(folder: string, name: string): Line[] {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Alters the lines of a file as somebody would who knows how they are spelt. */
export function alter(folder: string, name: string, change: (lines: Line[]) => Line[]): void {
  const lines = change(linesOf(folder, name)).map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(join(folder, name), lines.join(''));
}

/** Lets the manifest list what is there now, as somebody would who hides what they did. */
export function relist(folder: string, key?: SigningKey): void {
  const manifest = JSON.parse(readFileSync(join(folder, FILES.manifest), 'utf8')) as BundleManifest;
  const files = manifest.files.map(({ name }) => {
    const bytes = readFileSync(join(folder, name));
    return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const counts = { ...manifest.counts, events: linesOf(folder, FILES.events).length };
  const text = writeManifest({ ...manifest, counts, files });
  writeFileSync(join(folder, FILES.manifest), text);
  if (key) writeFileSync(join(folder, FILES.signature), signManifest(manifest.origin, text, key));
}
