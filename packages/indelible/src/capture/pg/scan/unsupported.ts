import type { TableReference, Unsupported } from '../statement.js';

export function unsupported(
  verb: string,
  tables: readonly (TableReference | undefined)[],
  reason: string,
): Unsupported {
  return { kind: 'unsupported', verb, tables: tables.filter((table) => table !== undefined), reason };
}
