/** A name as SQL, always in quotes. */
export function name(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A text as SQL; a backslash means itself whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
