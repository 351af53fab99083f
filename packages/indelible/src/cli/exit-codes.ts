import { CommanderError } from 'commander';

import { AuditError, type ErrorCode } from '../event/errors.js';

/** How a command can end. Released numbers never change: scripts and CI read them. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'failed: the line on standard error says what, and what to do' },
  usage: { code: 2, meaning: 'wrong usage: the command line, or what it asks of this store' },
  pending: { code: 3, meaning: 'something is left to do, such as a pending migration' },
} as const;

/** Codes that mean the command asked for what cannot be: its user can put that right on the command line. */
const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'INVALID_OPTIONS',
  'INVALID_FILTER',
  'INVALID_CURSOR',
]);

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES.usage.code;
  const isUsage = error instanceof AuditError && USAGE.has(error.code);
  return isUsage ? EXIT_CODES.usage.code : EXIT_CODES.failed.code;
}
