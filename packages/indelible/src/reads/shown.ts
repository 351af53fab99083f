/** So many ids of a list are kept beside its full count. */
export const MOST_IDS = 500;

const ROWS = ['results', 'data', 'items', 'rows', 'records', 'entries', 'nodes', 'edges'] as const;
const TOTALS = ['count', 'total', 'totalCount', 'total_count'] as const;
const IDS = ['id', '_id', 'uuid'] as const;

export type Fields = Readonly<Record<string, unknown>>;

/** The records that an answer shows: a list, or the list in it. Undefined where there is none to be seen. */
export function recordsIn(answer: unknown): readonly Fields[] | undefined {
  if (Array.isArray(answer)) return answer.map(nodeOf).filter(isFields);
  if (!isFields(answer)) return undefined;
  const rows = ROWS.map((name) => answer[name]).find((member) => member !== undefined && member !== null);
  return rows === undefined ? onlyListIn(answer) : recordsIn(rows);
}

/** By whatever name, such as `patients`. */
function onlyListIn(answer: Fields): readonly Fields[] | undefined {
  const lists = Object.values(answer).filter((member) => Array.isArray(member));
  return lists.length === 1 ? recordsIn(lists[0]) : undefined;
}

/** How many there are altogether, where the answer says so. */
export function totalIn(answer: unknown): number | undefined {
  if (!isFields(answer)) return undefined;
  const total = TOTALS.map((name) => answer[name]).find((member) => Number.isSafeInteger(member));
  return total as number | undefined;
}

export function idIn(record: Fields): string | undefined {
  for (const name of IDS) {
    const id = idText(record[name]);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** An id as events name it; undefined for what is none. */
export function idText(id: unknown): string | undefined {
  if (typeof id === 'string') return id === '' ? undefined : id;
  return Number.isFinite(id) || typeof id === 'bigint' ? String(id) : undefined;
}

/** True for an object that may be a record: no list, no bytes, no stream of them. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !ArrayBuffer.isView(value) && !('pipe' in value) && !('getReader' in value);
}

/** A connection of GraphQL has its records one step further in. */
function nodeOf(row: unknown): unknown {
  return isFields(row) && isFields(row['node']) ? row['node'] : row;
}
