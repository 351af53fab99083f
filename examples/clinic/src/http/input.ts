import type { Request } from 'express';
import type { z } from 'zod';

import { Problem } from '../problem.js';

/** What a column of ids can hold in both databases. */
export const GREATEST_ID = 2_147_483_647;

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
  if (typeof id !== 'string' || !/^\d{1,10}$/.test(id) || Number(id) > GREATEST_ID)
    throw new Problem(404, `There is nothing at ${request.path}.`);
  return Number(id);
}
