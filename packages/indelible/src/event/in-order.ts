/** As the canonical form has them, in which they are then written at once. */
export function inOrder<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  for (let i = 1; i < items.length; i += 1)
    if (textOf(items[i] as T) < textOf(items[i - 1] as T))
      return items.toSorted((a, b) => compare(textOf(a), textOf(b)));
  return items;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function itself(key: string): string {
  return key;
}

export function nameOf([name]: readonly [string, unknown]): string {
  return name;
}
