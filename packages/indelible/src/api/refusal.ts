import { AuditError, type ErrorCode } from '../event/errors.js';

/** What is wrong with one parameter, or one member of a body. */
interface Wrong {
  readonly parameter?: string;
  readonly member?: string;
  readonly message: string;
}

interface RefusalParts {
  readonly code?: string | undefined;
  readonly errors?: readonly Wrong[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** An answer that is a problem, as RFC 9457 has it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly errors: readonly Wrong[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, { code, errors, headers = {} }: RefusalParts = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.errors = errors;
    this.headers = headers;
  }

  get isDenial(): boolean {
    return this.status === 401 || this.status === 403;
  }

  body(): Readonly<Record<string, unknown>> {
    const { status, code, errors, message: detail } = this;
    const title = TITLES[status] ?? 'Error';
    return { type: 'about:blank', title, status, detail, ...(code && { code }), ...(errors && { errors }) };
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** What the caller can do something about; all else is told to the operator, and to the caller only that it is so. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  INVALID_FILTER: 400,
  INVALID_CURSOR: 400,
  ORDERING_TOO_BROAD: 400,
  NOT_PROVABLE: 409,
  REMOVAL_RUNNING: 409,
  UNDER_FLOOR: 409,
  UNDER_HOLD: 409,
};

const AWAY: ReadonlySet<ErrorCode> = new Set([
  'QUERY_TIMEOUT',
  'STORE_UNAVAILABLE',
  'OUTBOX_UNAVAILABLE',
  'TRAIL_UNAVAILABLE',
  'CLOSED',
] as const);

export function invalidParameter(parameter: string, message: string, code = 'INVALID_PARAMETER'): Refusal {
  return new Refusal(400, `${parameter} ${message}.`, {
    code,
    errors: [{ parameter, message }],
  });
}

export function invalidMember(member: string, message: string): Refusal {
  return new Refusal(400, `${member === '' ? 'The body' : member} ${message}.`, {
    code: 'INVALID_BODY',
    errors: [{ member, message }],
  });
}

export function notFound(what: string): Refusal {
  return new Refusal(404, what, { code: 'NOT_FOUND' });
}

/** The answer to whatever was thrown, and whether the operator must be told of it. */
export function refusalOf(error: unknown): { readonly refusal: Refusal; readonly isOurs: boolean } {
  if (error instanceof Refusal) return { refusal: error, isOurs: false };
  const code = error instanceof AuditError ? error.code : undefined;
  const status = code && STATUS_OF[code];
  if (error instanceof AuditError && status !== undefined)
    return { refusal: new Refusal(status, error.message, { code }), isOurs: false };
  if (code !== undefined && AWAY.has(code)) return { refusal: away(code), isOurs: true };
  return {
    refusal: new Refusal(500, 'The trail could not answer. Its operator has been told why.', {
      code: 'UNEXPECTED',
    }),
    isOurs: true,
  };
}

function away(code: ErrorCode): Refusal {
  return new Refusal(503, 'The trail cannot answer just now. Try again in a moment.', {
    code,
    headers: { 'Retry-After': '5' },
  });
}
