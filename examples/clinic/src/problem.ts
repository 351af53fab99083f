import type { About } from './audit.js';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What a caller is told when a request cannot be done: RFC 9457. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];

  constructor(status: number, detail: string, errors: readonly FieldError[] = []) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.errors = errors;
  }
}

/** What somebody wanted to do and may not. */
export interface Attempt extends Partial<About> {
  readonly attempted: string;
}

/** A refusal of which more is known than its route tells, such as whose record it was. */
export class Denied extends Problem {
  readonly attempt: Attempt;

  constructor(status: 401 | 403, detail: string, attempt: Attempt) {
    super(status, detail);
    this.name = 'Denied';
    this.attempt = attempt;
  }
}

/** Goes on when `allowed`; otherwise the attempt is refused. One that nothing is told of is told by its route. */
export function demand(allowed: boolean, attempt?: Attempt): void {
  if (allowed) return;
  const detail = 'Your role does not allow this.';
  throw attempt === undefined ? new Problem(403, detail) : new Denied(403, detail, attempt);
}

export function invalid(field: string, message: string): Problem {
  return new Problem(400, `${field} ${message}.`, [{ field, message }]);
}

/** The record that was asked for by its id; without one the request cannot be done. */
export function there<Row>(row: Row | undefined, name: string, id: number): Row {
  if (row === undefined) throw new Problem(404, `There is no ${name} ${id}.`);
  return row;
}
