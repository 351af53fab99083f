import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Package, Project } from '../../test/cli/project.js';

let installed: Package;
let project: Project;

describe('indelible', () => {
  beforeAll(() => {
    installed = Package.build();
    project = new Project(installed);
  });
  afterAll(() => {
    project.remove();
    installed.remove();
  });

  it('prints the version of its package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await project.indelible(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('without a command is wrong usage and shows its help', async () => {
    const { code, stdout, stderr } = await project.indelible([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe((await project.indelible(['--help'])).stdout);
  });

  it.each([
    [['migrat'], "unknown command 'migrat' (Did you mean migrate?)"],
    [['migrate', 'now'], "too many arguments for 'migrate'. Expected 0 arguments but got 1"],
    [['migrate', '--stauts'], "unknown option '--stauts' (Did you mean --status?)"],
    [['--config'], "option '--config <file>' argument missing"],
  ])('%j is wrong usage, told in one line', async (args, reason) => {
    const stderr = `indelible: USAGE: ${reason}. See indelible --help.\n`;
    expect(await project.indelible(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('ends quietly when the reader of its output has seen enough', async () => {
    const ending = await project.indelible(['--help'], { output: 'closed' });
    expect(ending).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([[['--help']], [['keys', 'list', '--json']]])(
    '%j fails when its output cannot be written',
    async (args) => {
      const { code, stderr } = await project.indelible(args, { output: 'unwritable' });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^indelible: UNEXPECTED: EBADF.*\n$/m);
    },
  );
});
