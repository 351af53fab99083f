import { resolve } from 'node:path';

import { AuditError } from '../event/errors.js';
import type { Settings } from '../trail/options.js';
import { CONFIG_NAMES, findConfig, placesFrom } from './find-config.js';
import { loadConfig } from './load-config.js';
import type { Terminal } from './terminal.js';

/** One run of the command line: what every command is given, and how it ended. */
export class Invocation {
  readonly terminal: Terminal;
  /** What `--config` says. */
  configFile: string | undefined;
  exitCode = 0;
  readonly #folder: string;

  /** The folder is the one the command was started in. */
  constructor(terminal: Terminal, folder: string) {
    this.terminal = terminal;
    this.#folder = folder;
  }

  /** A path of the command line: it counts from where the command was started, not from the configuration. */
  path(given: string): string {
    return resolve(this.#folder, given);
  }

  async config(): Promise<Settings> {
    const config = await this.configIfAny();
    if (config === undefined) throw notFound(this.#folder);
    return config;
  }

  /** The configuration for commands that can do without; one that `--config` names must still be there. */
  async configIfAny(): Promise<Settings | undefined> {
    const file = this.configFile === undefined ? findConfig(this.#folder) : this.path(this.configFile);
    return file === undefined ? undefined : loadConfig(file);
  }
}

function notFound(folder: string): AuditError {
  const places = placesFrom(folder);
  const where = places.length > 1 ? `${folder} or above it up to ${places.at(-1)}` : folder;
  return new AuditError(
    'CONFIG_NOT_FOUND',
    `There is no configuration in ${where}: looked for ${CONFIG_NAMES.join(', ')}. Write one, go to the project's folder, or give --config <file>.`,
  );
}
