#!/usr/bin/env node
import { inspect } from 'node:util';

import { CommanderError } from 'commander';

import { AuditError, messageOf } from '../event/errors.js';
import { exitCodeOf } from './exit-codes.js';
import { Invocation } from './invocation.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal(process.stdout, process.stderr, process.env);
const invocation = new Invocation(terminal, process.cwd());
const program = createProgram(invocation);

/** One line about an error, and how to end with it. Commander has told its own already. */
function tell(error: unknown): number {
  const { debug } = program.opts<{ debug?: boolean }>();
  if (error instanceof CommanderError) return exitCodeOf(error);
  if (error instanceof AuditError) terminal.failure(error.code, error.message);
  else terminal.failure('UNEXPECTED', `${messageOf(error)}. Run it again with --debug to see where.`);
  if (debug === true) terminal.note(inspect(error));
  return exitCodeOf(error);
}

/** Ends the process even when the configuration holds something open, such as a pool of the application's. */
function end(): void {
  process.stdout.write('', (error) => process.exit(error ? endingOf(error) : invocation.exitCode));
}

/** For output that cannot be written. A reader that has seen enough, such as `head`, is no failure; a full disk is. */
function endingOf(error: NodeJS.ErrnoException): number {
  return error.code === 'EPIPE' ? invocation.exitCode : tell(error);
}

function fail(error: unknown): void {
  invocation.exitCode = tell(error);
  end();
}

process.stdout.on('error', (error) => process.exit(endingOf(error)));
// What a configuration started and nobody awaits.
process.on('uncaughtException', fail);
program.parseAsync().then(end, fail);
