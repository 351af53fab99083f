export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Many terms under one operator as a balanced tree: a chain of them would be deeper than SQLite allows. */
export function join(terms: readonly string[], operator: string): string {
  const [only = "''"] = terms;
  if (terms.length < 2) return only;
  const middle = terms.length >> 1;
  return `(${join(terms.slice(0, middle), operator)}${operator}${join(terms.slice(middle), operator)})`;
}
