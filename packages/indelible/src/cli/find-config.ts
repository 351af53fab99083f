import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** In the order they are looked for; the first found is taken. */
export const CONFIG_NAMES: readonly string[] = [
  'indelible.config.ts',
  'indelible.config.js',
  'indelible.config.mjs',
];

/**
 * The configuration nearest to a folder: in it or above it, up to the folder of the nearest package.json. Where
 * there is none above, only the folder itself counts, so that nothing of somebody else's is ever run.
 */
export function findConfig(folder: string): string | undefined {
  for (const place of placesFrom(folder)) {
    const name = CONFIG_NAMES.find((candidate) => existsSync(join(place, candidate)));
    if (name !== undefined) return join(place, name);
  }
  return undefined;
}

/** The folder of the nearest package.json, at a folder or above it. */
export function packageRoot(folder: string): string | undefined {
  return ancestry(folder).find((place) => existsSync(join(place, 'package.json')));
}

/** Where `findConfig` looks, the nearest first. */
export function placesFrom(folder: string): string[] {
  const root = packageRoot(folder) ?? folder;
  const places = ancestry(folder);
  return places.slice(0, places.indexOf(root) + 1);
}

function ancestry(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestry(parent)];
}
