import type { EventConditions } from '../query.js';

/**
 * Conditions with their range of ids narrowed. There must be one bound of each kind in a statement: of two upper
 * ones SQLite begins at either, and would read its way from the later to the earlier.
 */
export function narrowed(
  where: EventConditions,
  fromId: string | undefined,
  toId: string | undefined,
): EventConditions {
  return { ...where, fromId: greater(where.fromId, fromId), toId: lesser(where.toId, toId) };
}

function greater(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function lesser(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
