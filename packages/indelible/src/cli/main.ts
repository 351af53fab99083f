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
  if (!(error instanceof CommanderError)) {
    terminal.failure(error instanceof AuditError ? error.code : 'UNEXPECTED', messageOf(error));
    if (debug === true) terminal.note(inspect(error));
  }
  return exitCodeOf(error);
}

/** Ends the process even when the configuration holds something open, such as a pool of the application's. */
function end(code: number): void {
  process.stdout.write('', () => process.exit(code));
}

// A reader of our output that has seen enough, such as `head`, is no failure.
process.stdout.on('error', () => process.exit(0));
// What a configuration started and nobody awaits.
process.on('uncaughtException', (error) => end(tell(error)));

try {
  await program.parseAsync();
  end(invocation.exitCode);
} catch (error) {
  end(tell(error));
}
