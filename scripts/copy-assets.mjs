// The compiler leaves behind what is no TypeScript: after `tsc -b`, dist/ gets every .sql and .mjs of src/ at
// the same place, and loses those that src/ no longer has.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOME = join(dirname(fileURLToPath(import.meta.url)), '../packages/indelible');

/**
 * @param {string} folder
 * @returns {string[]} the paths of such files inside, relative to it
 */
function assets(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(sql|mjs)$/.test(path),
  );
}

for (const path of assets(join(HOME, 'dist'))) rmSync(join(HOME, 'dist', path));
for (const path of assets(join(HOME, 'src'))) {
  mkdirSync(dirname(join(HOME, 'dist', path)), { recursive: true });
  copyFileSync(join(HOME, 'src', path), join(HOME, 'dist', path));
}

// npm sets this when it installs a package; inside the workspace nobody does.
chmodSync(join(HOME, 'dist/cli/main.js'), 0o755);
