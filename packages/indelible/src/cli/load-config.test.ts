import { existsSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { type Ending, Package, Project } from '../../test/cli/project.js';

const IMPORTS = `import { defineConfig } from 'indelible/config';
import { createSqliteStore } from 'indelible/sqlite';
`;
const CONFIG = `${IMPORTS}export default defineConfig({ store: createSqliteStore({ path: './audit.db' }) });\n`;
const TYPESCRIPT = `${IMPORTS}import { actions } from './src/actions.js';
interface Place { readonly path: string }
enum Where { Here = 'audit.db' }
const place: Place = await Promise.resolve({ path: Where.Here });
export default defineConfig({ store: createSqliteStore(place), actions });
`;
const ACTIONS = `import { action } from 'indelible';
export const actions = { APPROVED: action() } as const;
`;
const COMMON_JS = `const { createSqliteStore } = require('indelible/sqlite');
module.exports = { store: createSqliteStore({ path: './audit.db' }) };
`;
/** The file, a colon, and the line. */
const PLACE = (name: string, line: number): RegExp => new RegExp(`${name}:${line}\\b`);

let installed: Package;
let project: Project;

/** Starts `migrate` in a project of these files. */
async function migrate(files: Record<string, string>, ...args: string[]): Promise<Ending> {
  project = new Project(installed, files);
  return project.indelible(['migrate', ...args]);
}

function expectRefusal({ code, stdout, stderr }: Ending, errorCode: string): void {
  expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 1, stdout: '', lines: 2 });
  expect(stderr).toMatch(new RegExp(`^indelible: ${errorCode}: .*\\.\\n$`));
}

describe('the configuration file', () => {
  beforeAll(() => {
    installed = Package.build();
  });
  afterEach(() => project.remove());
  afterAll(() => installed.remove());

  it.each([
    ['indelible.config.ts', { 'indelible.config.ts': TYPESCRIPT, 'src/actions.ts': ACTIONS }],
    ['indelible.config.js', { 'indelible.config.js': CONFIG }],
    ['indelible.config.js of CommonJS', { 'indelible.config.js': COMMON_JS, 'package.json': '{}' }],
    ['indelible.config.mjs', { 'indelible.config.mjs': CONFIG, 'package.json': '{}' }],
  ])('can be an %s', async (_, files) => {
    expect(await migrate(files)).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(project.path('audit.db'))).toBe(true);
  });

  it('is found from a folder below, and its paths still count from the project', async () => {
    project = new Project(installed, { 'indelible.config.mjs': CONFIG, 'src/deep/file.ts': '' });
    expect(await project.indelible(['migrate'], { from: 'src/deep' })).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(project.path('audit.db'))).toBe(true);
    expect(existsSync(project.path('src/deep/audit.db'))).toBe(false);
  });

  it('can lie elsewhere: --config counts from here, its paths from the project', async () => {
    project = new Project(installed, { 'config/trail.mjs': CONFIG, 'src/file.ts': '' });
    const ending = await project.indelible(['--config', '../config/trail.mjs', 'migrate'], { from: 'src' });
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(project.path('audit.db'))).toBe(true);
  });

  it('can lie outside any project: its paths count from its own folder', async () => {
    project = new Project(installed, { 'etc/trail.mjs': CONFIG, 'elsewhere/package.json': '{}' });
    const { writeFileSync, rmSync } = await import('node:fs');
    rmSync(project.path('package.json'));
    writeFileSync(project.path('elsewhere/file'), '');
    const ending = await project.indelible(['migrate', '--config', '../etc/trail.mjs'], {
      from: 'elsewhere',
    });
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(project.path('etc/audit.db'))).toBe(true);
  });

  it('that is missing is told with the places looked in', async () => {
    project = new Project(installed, { 'src/file.ts': '' });
    const ending = await project.indelible(['migrate'], { from: 'src' });
    expectRefusal(ending, 'CONFIG_NOT_FOUND');
    expect(ending.stderr).toContain(`${project.path('src')} or above it up to ${project.folder}:`);
    expect(ending.stderr).toContain('give --config <file>');
  });

  it('that --config names and that is missing is told, whatever lies about', async () => {
    const ending = await migrate({ 'indelible.config.mjs': CONFIG }, '--config', 'nowhere.mjs');
    expectRefusal(ending, 'CONFIG_NOT_FOUND');
    expect(ending.stderr).toContain(project.path('nowhere.mjs'));
    expect(existsSync(project.path('audit.db'))).toBe(false);
  });

  it('must be code', async () => {
    const ending = await migrate({ 'trail.json': '{}' }, '--config', 'trail.json');
    expectRefusal(ending, 'CONFIG_INVALID');
    expect(ending.stderr).toContain('its name must end in .ts, .js or .mjs');
  });

  it.each(['indelible.config.ts', 'indelible.config.mjs'])('%s needs a default export', async (name) => {
    const ending = await migrate({ [name]: 'export const config = 1;\n' });
    expectRefusal(ending, 'CONFIG_INVALID');
    expect(ending.stderr).toContain('has no default export. Write `export default defineConfig(');
  });

  it.each([
    ['no store', '{ timeZone: "UTC" }', 'store is undefined; give a store'],
    [
      'an option that nobody knows',
      '{ store: createSqliteStore({ path: "a.db" }), stroe: 1 }',
      'is no option',
    ],
    ['nothing', 'null', 'store is undefined; give a store'],
    [
      'a key file without a name',
      '{ store: createSqliteStore({ path: "a.db" }), keys: {} }',
      'keys.file is undefined',
    ],
  ])('with %s is refused as createAudit refuses it', async (_, value, reason) => {
    const ending = await migrate({ 'indelible.config.mjs': `${IMPORTS}export default ${value};\n` });
    expectRefusal(ending, 'CONFIG_INVALID');
    expect(ending.stderr).toContain(reason);
    expect(ending.stderr).toContain(project.path('indelible.config.mjs'));
  });

  it.each(['indelible.config.ts', 'indelible.config.js', 'indelible.config.mjs'])(
    '%s with a syntax error is told with its line',
    async (name) => {
      const ending = await migrate({ [name]: 'const a = 1;\n\nexport default { store: ;\n' });
      expectRefusal(ending, 'CONFIG_INVALID');
      expect(ending.stderr).toContain('a syntax error at ');
      expect(ending.stderr).toMatch(PLACE(name, 3));
      expect(ending.stderr).toContain('Unexpected token');
    },
  );

  it('that imports what cannot be parsed is told so', async () => {
    const broken = {
      'indelible.config.mjs': `import './broken.mjs';\n${CONFIG}`,
      'broken.mjs': 'const a = ;',
    };
    const ending = await migrate(broken);
    expectRefusal(ending, 'CONFIG_INVALID');
    expect(ending.stderr).toContain('something in it cannot be imported: Unexpected token');
  });

  it.each(['indelible.config.ts', 'indelible.config.mjs'])(
    '%s that imports what is not installed is told its name',
    async (name) => {
      const ending = await migrate({ [name]: "import 'not-installed-anywhere';\nexport default {};\n" });
      expectRefusal(ending, 'CONFIG_INVALID');
      expect(ending.stderr).toContain('not-installed-anywhere');
    },
  );

  it('that throws is told in the words of what it threw', async () => {
    const ending = await migrate({
      'indelible.config.mjs': `${IMPORTS}export default { store: createSqliteStore({}) };\n`,
    });
    expectRefusal(ending, 'CONFIG_INVALID');
    expect(ending.stderr).toContain('it failed while it was run: createSqliteStore needs the path of a file');
  });

  it.each(['indelible.config.ts', 'indelible.config.mjs'])(
    '%s shows a stack, and the line in it, to --debug only',
    async (name) => {
      expectRefusal(await migrate({ [name]: '\n\nthrow new Error("first\\nsecond");\n' }), 'CONFIG_INVALID');
      const { code, stderr } = await project.indelible(['migrate', '--debug']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^indelible: CONFIG_INVALID: .*\n/);
      expect(stderr).toMatch(new RegExp(`^ +at .*${name}:3:`, 'm'));
    },
  );

  it('cannot keep the command from ending, whatever it holds open', async () => {
    const held = `setInterval(() => undefined, 1000);\n${CONFIG}`;
    expect(await migrate({ 'indelible.config.mjs': held })).toMatchObject({ code: 0, stderr: '' });
  });

  it('that fails later, by itself, ends the command in one line too', async () => {
    const late = `setImmediate(() => { throw new Error('late'); });\nawait new Promise(() => setInterval(() => 0, 99));\n${CONFIG}`;
    const ending = await migrate({ 'indelible.config.mjs': late });
    expectRefusal(ending, 'UNEXPECTED');
    expect(ending.stderr).toContain('late');
  });
});
