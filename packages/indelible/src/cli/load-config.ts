import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { AuditError } from '../event/errors.js';
import { type Settings, settingsOf } from '../trail/options.js';
import { reasonOf } from './config-failure.js';
import { packageRoot } from './find-config.js';

const REMEDY =
  'Write `export default defineConfig({ store: createSqliteStore({ path: "./audit.db" }) })`, or another store.';

/**
 * Runs a configuration file and checks what it exports. The process moves to the project of the file first, the
 * folder of the nearest package.json, so that a relative path in it means what it means to the application.
 */
export async function loadConfig(file: string): Promise<Settings> {
  checkFile(file);
  process.chdir(packageRoot(dirname(file)) ?? dirname(file));
  const exported = await importConfig(file);
  if (exported['default'] === undefined) throw invalid(file, `it has no default export. ${REMEDY}`);
  try {
    return settingsOf(exported['default'] as Parameters<typeof settingsOf>[0]);
  } catch (error) {
    throw invalid(file, AuditError.from(error, 'CONFIG_INVALID', 'its options were refused').message, error);
  }
}

function checkFile(file: string): void {
  if (!/\.[cm]?[jt]s$/.test(file)) throw invalid(file, 'its name must end in .ts, .js or .mjs.');
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return;
  throw new AuditError(
    'CONFIG_NOT_FOUND',
    `There is no file ${file}. Give --config the path of the configuration, or leave it out to have it looked for.`,
  );
}

async function importConfig(file: string): Promise<Record<string, unknown>> {
  try {
    return await (file.endsWith('ts') ? importTypeScript(file) : import(pathToFileURL(file).href));
  } catch (error) {
    const remedy = 'Correct it; --debug shows where in it.';
    throw invalid(file, `${reasonOf(error, file)}. ${remedy}`, error);
  }
}

/** The same way on every Node, whether or not it strips types: jiti also finds `./actions.ts` as `./actions.js`. */
async function importTypeScript(file: string): Promise<Record<string, unknown>> {
  const { createJiti } = await import('jiti');
  // So that a stack names the lines of the file, and not of what jiti made of it.
  process.setSourceMapsEnabled(true);
  // No cache: by default it is kept in the temporary folder, where other users could put code of theirs.
  const jiti = createJiti(import.meta.url, { fsCache: false, interopDefault: false, sourceMaps: true });
  return jiti.import(file);
}

function invalid(file: string, what: string, cause?: unknown): AuditError {
  return new AuditError('CONFIG_INVALID', `The configuration ${file} cannot be used: ${what}`, cause);
}
