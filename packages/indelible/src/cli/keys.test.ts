import { chmodSync, readFileSync, statSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Ending, Package, Project, type RunOptions } from '../../test/cli/project.js';
import { SigningKey, VerifierKey } from '../integrity/note-key.js';

const CONFIG = `import { createSqliteStore } from 'indelible/sqlite';
export default { store: createSqliteStore({ path: './audit.db' }), keys: { file: './secrets.key' } };
`;

interface KeyFacts {
  readonly name: string;
  readonly id: string;
  readonly file: string;
  readonly verifier_key: string;
}

let installed: Package;
let project: Project;

function keys(args: string, options?: RunOptions): Promise<Ending> {
  return project.indelible(['keys', ...args.split(' ').filter((word) => word !== '')], options);
}

function secretOf(file: string): string {
  return readFileSync(project.path(file), 'utf8');
}

beforeAll(() => {
  installed = Package.build();
});
beforeEach(() => {
  project = new Project(installed);
});
afterEach(() => project.remove());
afterAll(() => installed.remove());

describe('indelible keys create', () => {
  it('writes a key that signs, for its owner only, and prints nothing secret', async () => {
    const { code, stdout, stderr } = await keys('create --name example.com/audit');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const text = secretOf('indelible.key');
    expect(text).toMatch(/^PRIVATE\+KEY\+example\.com\/audit\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}\n$/);
    expect(statSync(project.path('indelible.key')).mode & 0o777).toBe(0o600);
    const key = SigningKey.parse(text.trim());
    expect(stdout).toContain(`The key ${key.id} of example.com/audit is in ${project.path('indelible.key')}`);
    const verifier = VerifierKey.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(verifier.verify('a checkpoint', key.sign('a checkpoint'))).toBe(true);
    expect(stdout).not.toContain('PRIVATE');
    expect(stdout).not.toContain(text.trim().split('+').slice(4).join('+'));
  });

  it('gives a program the facts', async () => {
    const { stdout } = await keys('create --name a --json');
    const key = SigningKey.parse(secretOf('indelible.key').trim());
    const facts: KeyFacts = {
      name: 'a',
      id: key.id,
      file: project.path('indelible.key'),
      verifier_key: key.verifierKey,
    };
    expect(JSON.parse(stdout)).toEqual(facts);
  });

  it('never overwrites a file, whatever it holds', async () => {
    project.write({ 'indelible.key': 'something else' });
    const { code, stdout, stderr } = await keys('create --name a');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^indelible: KEY_EXISTS: .*indelible\.key already.*\n$/);
    expect(secretOf('indelible.key')).toBe('something else');
  });

  it('leaves one key whole when two are made at once', async () => {
    const endings = await Promise.all([keys('create --name a'), keys('create --name b')]);
    const [winner, ...others] = endings.filter(({ code }) => code === 0);
    expect(others).toEqual([]);
    expect(winner?.stdout).toContain(SigningKey.parse(secretOf('indelible.key').trim()).verifierKey);
  });

  it('writes to --file, counted from where it was started, without asking the configuration', async () => {
    project.write({ 'indelible.config.mjs': 'throw new Error("not needed")', 'keys/.gitignore': '*' });
    expect(await keys('create --name a --file ./mine.key', { from: 'keys' })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(SigningKey.parse(secretOf('keys/mine.key').trim()).name).toBe('a');
  });

  it('writes to the file of the configuration, counted from the project', async () => {
    project.write({ 'indelible.config.mjs': CONFIG, 'src/file.ts': '' });
    expect(await keys('create --name a', { from: 'src' })).toMatchObject({ code: 0, stderr: '' });
    expect(SigningKey.parse(secretOf('secrets.key').trim()).name).toBe('a');
  });

  it('says where it could not write', async () => {
    const { code, stderr } = await keys('create --name a --file no/such/folder/a.key');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^indelible: KEY_INVALID: .*no\/such\/folder\/a\.key.*no such file or directory.*\n$/,
    );
  });

  it.each([
    ['without a name', ['create'], "required option '--name <origin>' not specified"],
    ['with a name that notes cannot carry', ['create', '--name', 'a b'], 'A key cannot be named "a b"'],
    ['with a name that ends a part', ['create', '--name', 'a+b'], 'A key cannot be named "a+b"'],
    ['with an empty name', ['create', '--name', ''], 'A key cannot be named ""'],
    ['with an option that nobody knows', ['create', '--name', 'a', '--fiel', 'b'], "unknown option '--fiel'"],
  ])('%s is wrong usage, told in one line', async (_, args, reason) => {
    const { code, stdout, stderr } = await project.indelible(['keys', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^indelible: USAGE: .*[^.]\. See indelible --help\.\n$/);
    expect(stderr).toContain(reason);
  });
});

describe('indelible keys', () => {
  it('lists none where there is none, and says how to make one', async () => {
    const remark = `There is no key in ${project.path('indelible.key')}: make one with indelible keys create.\n`;
    expect(await keys('')).toEqual({ code: 0, stdout: '', stderr: remark });
    expect(await keys('list --json')).toEqual({ code: 0, stdout: '[]\n', stderr: remark });
  });

  it('lists the key with its id, and shows nothing secret', async () => {
    await keys('create --name example.com/audit');
    const { id, verifierKey } = SigningKey.parse(secretOf('indelible.key').trim());
    const file = project.path('indelible.key');
    expect(await keys('')).toEqual({ code: 0, stdout: `${id}  example.com/audit  ${file}\n`, stderr: '' });
    const facts: KeyFacts = { name: 'example.com/audit', id, file, verifier_key: verifierKey };
    expect(JSON.parse((await keys('--json')).stdout)).toEqual([facts]);
  });

  it('show prints the verifier key and nothing else', async () => {
    await keys('create --name a');
    const { id, verifierKey } = SigningKey.parse(secretOf('indelible.key').trim());
    expect(await keys('show')).toEqual({ code: 0, stdout: `${verifierKey}\n`, stderr: '' });
    const facts: KeyFacts = { name: 'a', id, file: project.path('indelible.key'), verifier_key: verifierKey };
    expect(JSON.parse((await keys('show --json')).stdout)).toEqual(facts);
  });

  it('show says how to make the key that is missing', async () => {
    const { code, stdout, stderr } = await keys('show');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^indelible: KEY_INVALID: .*indelible\.key.*indelible keys create --name <origin>.*\n$/,
    );
  });

  it.each(['list', 'show'])('%s refuses a damaged key without repeating it', async (command) => {
    await keys('create --name a');
    const damaged = secretOf('indelible.key').replace('+a+', '+b+');
    project.write({ 'indelible.key': damaged });
    const { code, stdout, stderr } = await keys(command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^indelible: KEY_INVALID: .*indelible\.key.* does not match the id .*\n$/);
    expect(stderr).not.toContain(damaged.slice(0, 30));
  });

  it.each(['list', 'show'])('%s warns of a key that others may read', async (command) => {
    await keys('create --name a');
    chmodSync(project.path('indelible.key'), 0o644);
    const { code, stderr } = await keys(command);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `Others may read ${project.path('indelible.key')}: run chmod 600 on it.\n`,
    });
  });

  it('goes on without a configuration, but not without the one that --config names', async () => {
    expect(await keys('list')).toMatchObject({ code: 0 });
    const { code, stderr } = await keys('list --config nowhere.mjs');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^indelible: CONFIG_NOT_FOUND: .*nowhere\.mjs.*\n$/);
  });
});
