/** What a command line is for, and the command line. */
type Example = readonly [purpose: string, commandLine: string];

/** The end of a help text. Every command has two. */
export function examples(first: Example, second: Example): string {
  const lines = [first, second].map(([purpose, commandLine]) => `  # ${purpose}\n  $ ${commandLine}`);
  return `\nExamples:\n${lines.join('\n')}`;
}
