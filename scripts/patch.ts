import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A committed way to break the code, and the test that must notice. */
export interface Patch {
  name: string;
  path: string;
  /** What is broken, in a sentence. */
  sabotage: string;
  /** The test file, from the root of the repository. */
  test: string;
  /** A part of the title of the test. */
  title: string;
}

/** Reads the patches of a folder whose file names contain `wanted`. */
export function readPatches(folder: string, wanted: string): Patch[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.patch') && file.includes(wanted));
  return files.sort().map((file) => parsePatch(join(folder, file), readFileSync(join(folder, file), 'utf8')));
}

/** Reads the header lines before the diff. */
export function parsePatch(path: string, text: string): Patch {
  const [header = ''] = text.split(/^(?=diff --git |--- )/m);
  const field = (key: string): string => {
    const value = new RegExp(`^${key}:[ \\t]*(\\S.*)$`, 'm').exec(header)?.[1];
    if (value === undefined) throw new Error(`${path} has no line \`${key}: ...\` before its diff`);
    return value.trim();
  };
  const name = path.replace(/^.*\//, '').replace(/\.patch$/, '');
  return { name, path, sabotage: field('Sabotage'), test: field('Test'), title: field('Title') };
}
