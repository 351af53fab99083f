/** A command line, and what it is for. */
export type Example = readonly [commandLine: string, purpose: string];

/** The end of a help text. */
export function examples(...shown: readonly Example[]): string {
  const width = Math.max(...shown.map(([commandLine]) => commandLine.length));
  const lines = shown.map(([commandLine, purpose]) => `  $ ${commandLine.padEnd(width)}  ${purpose}`);
  return `\nExamples:\n${lines.join('\n')}`;
}
