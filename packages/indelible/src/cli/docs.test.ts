import { fileURLToPath } from 'node:url';

import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Package, Project } from '../../test/cli/project.js';
import { EXIT_CODES } from './exit-codes.js';
import { Invocation } from './invocation.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

const PAGE = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url));
const FENCE = '```';
const CONFIG = `import { defineConfig } from 'indelible/config';
import { createSqliteStore } from 'indelible/sqlite';

export default defineConfig({
  store: createSqliteStore({ path: './audit.db' }),
  keys: { file: './indelible.key' },
});`;

function page(helps: ReadonlyMap<string, string>): string {
  const endings = Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  const sections = [...helps].map(
    ([name, help]) => `## ${name}\n\n${FENCE}text\n${help.trimEnd()}\n${FENCE}\n`,
  );
  return `# The command line

${FENCE}sh
npx indelible <command>
${FENCE}

This page is made from what the commands print themselves; after a change to one of them,
\`npx vitest run packages/indelible/src/cli/docs.test.ts --update\` writes it anew.

## Configuration

The commands read the same configuration that the application gives to \`createAudit(config)\`, from
\`indelible.config.ts\`, \`.js\` or \`.mjs\`:

${FENCE}ts
${CONFIG}
${FENCE}

- The first of the three names is taken that is found in the working directory or above it, up to the folder of the
  nearest \`package.json\`; where there is no \`package.json\` above, only the working directory counts.
  \`--config <file>\` names another file.
- A path inside the configuration counts from the folder of the \`package.json\` nearest to the configuration (from
  the configuration's own folder where there is none), as it does for an application started there. A path on the
  command line counts from the working directory.
- A \`.ts\` file needs no build step, on every supported version of Node.

## Output

Results go to standard output, everything else to standard error. \`--json\` is for programs. Colours are for terminals
only, and \`NO_COLOR\` turns them off. A failure is one line, \`indelible: CODE: message\`; the codes are those of
[errors.md](errors.md), besides \`USAGE\` for a wrong command line and \`UNEXPECTED\` for what is none of them. \`--debug\`
shows the stack too.

| exit code | meaning |
|---|---|
${endings.join('\n')}

${sections.join('\n')}`;
}

/** Every command by its full name, the program itself first. */
function names(command: Command, above = ''): string[] {
  const name = `${above}${command.name()}`;
  return [name, ...command.commands.flatMap((below) => names(below, `${name} `))];
}

describe('docs/cli.md', () => {
  let installed: Package;
  let project: Project;
  const helps = new Map<string, string>();

  beforeAll(async () => {
    installed = Package.build();
    project = new Project(installed, { 'indelible.config.ts': CONFIG });
    const terminal = new Terminal(process.stdout, process.stderr, {});
    for (const name of names(createProgram(new Invocation(terminal, '.')))) {
      const { stdout } = await project.indelible([...name.split(' ').slice(1), '--help']);
      helps.set(name, stdout);
    }
  });
  afterAll(() => {
    project.remove();
    installed.remove();
  });

  it('holds the help of every command, as it is printed', async () => {
    expect([...helps.keys()]).toContain('indelible keys create');
    await expect(page(helps)).toMatchFileSnapshot(PAGE);
  });

  it('has two examples for every command, in lines that a terminal can show', () => {
    for (const [name, help] of helps) {
      const shown = help.split('\nExamples:\n')[1]?.match(/^ {2}# .+\n {2}\$ indelible .+$/gm);
      const long = help.split('\n').filter((line) => line.length > 80);
      expect({ name, shown: shown?.length, long }).toEqual({ name, shown: 2, long: [] });
    }
  });

  it('shows a configuration that works', async () => {
    expect(await project.indelible(['migrate'])).toMatchObject({ code: 0, stderr: '' });
    expect(await project.indelible(['keys', 'create', '--name', 'example.com/audit'])).toMatchObject({
      code: 0,
    });
    expect(await project.indelible(['keys', 'show'])).toMatchObject({ code: 0, stderr: '' });
  });
});
