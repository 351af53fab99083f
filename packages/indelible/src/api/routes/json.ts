import type { Schema } from '../schema.js';

/** An answer in JSON. */
export function json(schema: Schema): Readonly<Record<string, Schema>> {
  return { 'application/json': schema };
}
