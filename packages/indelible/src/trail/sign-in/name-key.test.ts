import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, describe, expect, it } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  temporaryFolder,
  type TestTrailOptions,
} from '../../../test/test-trail.js';
import type { AuditError } from '../../event/errors.js';
import { createAudit } from '../create-audit.js';
import { createMemoryStore } from '../../memory.js';
import { openNameKey } from './name-key.js';

const run = promisify(execFile);
const MODULE = fileURLToPath(new URL('./name-key.ts', import.meta.url));

afterAll(removeTemporaryFolders);

function open(dir: string | undefined): {
  readonly key: string;
  readonly where: string;
  readonly errors: AuditError[];
} {
  const errors: AuditError[] = [];
  const { bytes, where } = openNameKey({ given: undefined, dir, report: (error) => errors.push(error) });
  return { key: Buffer.from(bytes).toString('hex'), where, errors };
}

async function digestOf(
  options: TestTrailOptions,
): Promise<{ readonly digest: unknown; readonly said: string }> {
  const trail = openTestTrail(options);
  await trail.audit.auth.loginFailed({ username: 'Nobody' });
  await trail.audit.close();
  const [event] = await trail.stored('LOGIN_FAILED');
  return { digest: event?.metadata?.['username_digest'], said: trail.lines.join('\n') };
}

describe('the key that names are digested with', () => {
  it('is made once, for the owner only, and found again', () => {
    const dir = path.join(temporaryFolder(), 'spool');
    const first = open(dir);
    const file = path.join(dir, 'name-digest.key');
    expect(first).toEqual({ key: readFileSync(file, 'hex'), where: file, errors: [] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBe(32);
    expect(open(dir).key).toBe(first.key);
    expect(readdirSync(dir)).toEqual(['name-digest.key']);
  });

  it('is the same for processes that begin at the same time', async () => {
    const dir = temporaryFolder();
    const script = `import('${MODULE}').then(({ openNameKey }) => console.log(Buffer.from(openNameKey({ given: undefined, dir: '${dir}', report: console.error }).bytes).toString('hex')))`;
    const started = Array.from({ length: 6 }, () =>
      run(process.execPath, ['--import', import.meta.resolve('tsx'), '-e', script]),
    );
    const keys = (await Promise.all(started)).map(({ stdout }) => stdout.trim());
    expect(new Set(keys)).toEqual(new Set([readFileSync(path.join(dir, 'name-digest.key'), 'hex')]));
    expect(readdirSync(dir)).toEqual(['name-digest.key']);
  });

  it('is another one of the process where there is no disk, or no room on it, and that is said', () => {
    expect(open(undefined)).toMatchObject({ where: expect.stringContaining('this process'), errors: [] });
    expect(open(undefined).key).not.toBe(open(undefined).key);
    const blocked = path.join(temporaryFolder(), 'file');
    writeFileSync(blocked, '');
    expect(open(path.join(blocked, 'spool'))).toMatchObject({
      where: expect.stringContaining('this process'),
      errors: [{ code: 'KEY_INVALID' }],
    });
  });

  it('is never taken from a file that was cut short', () => {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'name-digest.key'), 'short');
    expect(open(dir)).toMatchObject({
      where: expect.stringContaining('this process'),
      errors: [{ code: 'KEY_INVALID' }],
    });
  });

  it('outlives the process: a name has one digest, whichever trail of the folder tells it', async () => {
    const dir = temporaryFolder();
    const [one, two] = [await digestOf({ spool: { dir } }), await digestOf({ spool: { dir } })];
    expect(one.digest).toBe(two.digest);
    expect(one.said).toContain(path.join(dir, 'name-digest.key'));
    const other = await digestOf({ spool: false });
    expect(other.digest).not.toBe(one.digest);
    expect(other.said).toContain('a key of this process');
  });

  it('is the one of the options, as a text or as bytes, and then no file is made', async () => {
    const dir = temporaryFolder();
    const text = 'sixteen bytes !!';
    const one = await digestOf({ spool: { dir }, signIn: { digestKey: text } });
    const two = await digestOf({ spool: false, signIn: { digestKey: Buffer.from(text) } });
    expect(one.digest).toBe(two.digest);
    expect(existsSync(path.join(dir, 'name-digest.key'))).toBe(false);
  });
});

describe('the options of signing in', () => {
  it.each([
    [{ digestKey: 'too short' }, 'signIn.digestKey is 9 bytes long'],
    [{ digestKey: 7 }, 'signIn.digestKey is number'],
    [{ userModel: '' }, 'signIn.userModel'],
    [{ digestkey: 'x' }, 'signIn.digestkey is no option; use digestKey, userModel'],
    ['x', 'signIn'],
  ])('refuse %j', (signIn, message) => {
    mkdirSync(temporaryFolder(), { recursive: true });
    const options = { store: createMemoryStore(), signIn } as never;
    expect(() => createAudit(options)).toThrow(message);
  });
});
