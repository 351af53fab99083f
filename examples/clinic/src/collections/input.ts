import { z } from 'zod';

import { GREATEST_ID } from '../http/input.js';

type Shape = Readonly<Record<string, z.ZodType>>;

/** What a collection takes: a new record, what changes of one, and one as a whole. */
export interface Inputs<S extends Shape> {
  readonly create: z.ZodObject<S, z.core.$strict>;
  readonly change: z.ZodObject;
  readonly replace: z.ZodObject;
}

/**
 * The inputs that follow from what a new record is made of. What is `fixed` stays as it was made, or follows from other
 * things: a replacement may hold it as it is, so that a GET can be PUT back.
 */
export function inputsOf<S extends Shape>(shape: S, fixed: readonly string[] = []): Inputs<S> {
  const asItIs = z.unknown().optional();
  const unchanged = Object.fromEntries(['id', ...fixed].map((field) => [field, asItIs]));
  const changing = Object.entries(shape).filter(([field]) => !fixed.includes(field));
  const bare = changing.map(([field, type]) => [field, withoutDefault(type).optional()]);
  return {
    create: z.strictObject(shape),
    change: z.strictObject({ id: asItIs, ...Object.fromEntries(bare) }),
    replace: z.strictObject({ ...Object.fromEntries(changing), ...unchanged }),
  };
}

/** What a change leaves out stays as it is. */
function withoutDefault(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodDefault ? (type.unwrap() as z.ZodType) : type;
}

export const recordId = z.number().int().positive().max(GREATEST_ID);
/** In cents. */
export const cents = z.number().int().positive().max(100_000_000);
export const reason = z.string().trim().min(1).max(1000);
/** A query's id. */
export const wanted = z.coerce.number().int().positive().max(GREATEST_ID).optional();

export function line(most: number): z.ZodString {
  return z.string().trim().min(1).max(most);
}

export function text(most: number): z.ZodDefault<z.ZodString> {
  return z.string().max(most).default('');
}
