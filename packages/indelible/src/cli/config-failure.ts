import { spawnSync } from 'node:child_process';

import { messageOf } from '../event/errors.js';

/** How jiti reports what it cannot parse. */
const JITI_SYNTAX = /ParseError: (.*?)\s*\n\s*(\S+:\d+:\d+)/;

/** Why a configuration could not be run, in one line and, where it is its syntax, with the place. */
export function reasonOf(error: unknown, file: string): string {
  const message = messageOf(error);
  const [, problem, place] = JITI_SYNTAX.exec(message) ?? [];
  if (place !== undefined) return `a syntax error at ${place}: ${problem}`;
  const first = (message.split('\n', 1)[0] ?? '').replace(/\.$/, '');
  if (!(error instanceof SyntaxError)) return `it failed while it was run: ${first}`;
  const line = lineOfSyntaxError(file);
  // Also what is imported and cannot be parsed, or does not export what is wanted of it.
  return line === undefined
    ? `something in it cannot be imported: ${first}`
    : `a syntax error at ${line}: ${first}`;
}

/** Node keeps the place of a syntax error to itself, except in what `--check` prints. */
function lineOfSyntaxError(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  return /^(?:file:\/\/)?(\S+:\d+)$/m.exec(stderr)?.[1];
}
