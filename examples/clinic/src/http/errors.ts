import { STATUS_CODES } from 'node:http';

import Database from 'better-sqlite3';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AuditError } from 'indelible';
import pg from 'pg';
import { ZodError } from 'zod';

import { Problem } from '../problem.js';

/**
 * Puts what is the caller's fault into the clinic's own words, before the trail hears of it: what a parser says
 * quotes the body, in which somebody's password may be.
 */
export const explainErrors: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  next(inOwnWords(error));
};

/** Answers whatever a route threw as problem+json. */
export const answerErrors: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const problem = error instanceof Problem ? error : faultOf(error);
  const { status, errors } = problem;
  if (status === 401) response.set('WWW-Authenticate', 'Bearer');
  response
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status] ?? 'Error',
        status,
        detail: problem.message,
        instance: request.path,
        ...(errors.length > 0 ? { errors } : {}),
      }),
    );
};

export const notFound: RequestHandler = (request) => {
  throw new Problem(404, `There is nothing at ${request.path}.`);
};

/** What a route answers to every method it has no handler for. */
export function only(...methods: string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', methods.join(', '));
    throw new Problem(405, `${request.method} is not possible here; use ${methods.join(' or ')}.`);
  };
}

/** The problem that an error of the caller's is told as; any other error as it is. */
function inOwnWords(error: unknown): unknown {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) return invalidInput(error);
  if (isRefusedWrite(error)) return refusedWrite(error);
  if (isOutOfRange(error)) return new Problem(400, 'A value is none that the clinic can keep.');
  if (isConflict(error))
    return new Problem(409, 'Somebody else changed this at the same moment; send it again.');
  if (isHttpError(error)) return new Problem(error.status, HTTP_DETAILS[error.type ?? ''] ?? error.message);
  return error;
}

function faultOf(error: unknown): Problem {
  if (error instanceof AuditError) return TRAIL_AWAY;
  console.error(error);
  return new Problem(500, 'Something went wrong on our side.');
}

function invalidInput({ issues }: ZodError): Problem {
  const errors = issues.map(({ path, message, ...issue }) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : undefined;
    return {
      field: unknown ?? path.join('.'),
      message: unknown === undefined ? message : 'is not known here',
    };
  });
  return new Problem(
    400,
    errors.map(({ field, message }) => `${field || 'body'}: ${message}`).join('; '),
    errors,
  );
}

/** What the database does not take: its capture has recorded the attempt by now. */
function isRefusedWrite(error: unknown): error is Error {
  if (error instanceof Database.SqliteError) return error.code.startsWith('SQLITE_CONSTRAINT');
  // Class 23 of PostgreSQL: a constraint was violated.
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') === true;
}

/** Class 22 of PostgreSQL: a value that no column takes, such as a text with a NUL in it. */
function isOutOfRange(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code?.startsWith('22') === true;
}

/** Two transactions of PostgreSQL stood in each other's way, and this one gave way. */
function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');
}

function refusedWrite(error: Error): Problem {
  const taken = takenIn(error);
  if (taken === undefined) return new Problem(409, 'This does not agree with what the clinic holds.');
  return new Problem(409, `This ${taken} is taken.`, [{ field: taken, message: 'is taken' }]);
}

/** The column of which each value may be there once. */
function takenIn(error: Error): string | undefined {
  if (error instanceof pg.DatabaseError)
    return error.code === '23505' ? /^Key \("?(\w+)"?\)=/.exec(error.detail ?? '')?.[1] : undefined;
  return /^UNIQUE constraint failed: \w+\.(\w+)/.exec(error.message)?.[1];
}

/** Questions to the trail are checked where they are asked; what is left means that it cannot be used now. */
const TRAIL_AWAY = new Problem(503, 'The audit trail cannot be used at the moment, so this was not done.');

/** What Express and its body parser throw. */
interface HttpError extends Error {
  readonly status: number;
  readonly type?: string;
}

const HTTP_DETAILS: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'The body is not valid JSON.',
  'entity.too.large': 'The body is too large.',
};

function isHttpError(error: unknown): error is HttpError {
  if (!(error instanceof Error) || !('status' in error)) return false;
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500;
}
