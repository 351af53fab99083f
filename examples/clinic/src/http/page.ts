import type { Request } from 'express';
import { z } from 'zod';

import type { Rows, Slice } from '../database/records.js';

const PAGE_SIZE = 50;

/** The parameters that every list takes. */
export const paging = { page: z.coerce.number().int().min(1).max(1_000_000).default(1) };

export function sliceOf(page: number): Slice {
  return { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
}

/** One page of a list, with the addresses of its neighbours. */
export function pageAnswer<Row>(
  request: Request,
  page: number,
  { rows, count }: Rows<Row>,
  answer: (row: Row) => object,
): object {
  return {
    results: rows.map(answer),
    next: page * PAGE_SIZE < count ? addressOf(request, { page: String(page + 1) }) : null,
    previous: page > 1 ? addressOf(request, { page: String(page - 1) }) : null,
    count,
  };
}

/** The address of this request with other parameters, relative to the server. */
function addressOf(request: Request, change: Readonly<Record<string, string>>): string {
  const parameters = new URLSearchParams(request.url.split('?')[1]);
  for (const [name, value] of Object.entries(change)) parameters.set(name, value);
  return `${request.path}?${parameters.toString()}`;
}
