import type { Request } from 'express';
import type { z } from 'zod';

import { Problem } from '../problem.js';

/** The body, checked. */
export function bodyOf<T extends z.ZodType>(schema: T, request: Request): z.output<T> {
  const body: unknown = request.body;
  if (body === undefined && Number(request.get('content-length') ?? 0) > 0)
    throw new Problem(415, 'Send the body as JSON, with Content-Type: application/json.');
  return schema.parse(body);
}

/** The id in the path. */
export function idOf(request: Request): number {
  const { id } = request.params;
  if (typeof id !== 'string' || !/^\d{1,15}$/.test(id))
    throw new Problem(404, `There is nothing at ${request.path}.`);
  return Number(id);
}
