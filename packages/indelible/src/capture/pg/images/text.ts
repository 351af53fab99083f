import { literal } from '../quote.js';

/** A function of PostgreSQL takes at most a hundred arguments. */
const MOST_ARGUMENTS = 90;

/** SQL that writes the parts one after the other; a null is written as nothing. */
export function concat(parts: readonly string[]): string {
  if (parts.length <= MOST_ARGUMENTS) return `concat(${parts.join(', ')})`;
  return concat(grouped(parts, MOST_ARGUMENTS).map((group) => concat(group)));
}

/** SQL that writes what is not null, with commas between; null when nothing is. */
export function list(expressions: readonly string[]): string {
  const [only = 'NULL::text'] = expressions;
  return expressions.length <= 1 ? only : `nullif(${joined(expressions)}, '')`;
}

function joined(expressions: readonly string[]): string {
  if (expressions.length <= MOST_ARGUMENTS) return `concat_ws(',', ${expressions.join(', ')})`;
  const groups = grouped(expressions, MOST_ARGUMENTS).map((group) => `nullif(${joined(group)}, '')`);
  return joined(groups);
}

/** SQL of a JSON object with these members. A value may be of any type. */
export function object(members: readonly (readonly [name: string, value: string])[]): string {
  const [first = [], ...others] = grouped(members, MOST_ARGUMENTS / 2);
  if (others.length === 0) return built(first);
  const parts = [first, ...others].map((group) => `substr(left(${built(group)}::text, -1), 2)`);
  return concat(["'{'", `concat_ws(',', ${parts.join(', ')})`, "'}'"]);
}

function built(members: readonly (readonly [name: string, value: string])[]): string {
  return `json_build_object(${members.map(([name, value]) => `${literal(name)}, ${value}`).join(', ')})`;
}

function grouped<T>(parts: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < parts.length; at += size) groups.push(parts.slice(at, at + size));
  return groups;
}
