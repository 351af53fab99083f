import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { Package, Project } from '../../test/cli/project.js';
import { someEntries } from '../../test/entries.js';
import { sealPending } from '../../test/sealed-store.js';
import { fileAnchor } from '../anchors/file-anchor.js';
import { verifyBundle } from '../bundle/verify-bundle.js';
import { SigningKey } from '../integrity/note-key.js';
import { createSqliteStore } from '../sqlite.js';
import { Invocation } from './invocation.js';
import { Terminal } from './terminal.js';
import { verifyBundleAt } from './verify-bundle.js';

const CONFIG = `import { fileAnchor } from 'indelible';
import { createSqliteStore } from 'indelible/sqlite';
export default {
  store: createSqliteStore({ path: './audit.db' }),
  keys: { file: './audit.key' },
  anchors: [fileAnchor({ path: './anchor.txt' })],
};
`;
const KEY = SigningKey.create('clinic.example/audit');

let installed: Package;
let project: Project;

beforeAll(() => {
  installed = Package.build();
});
beforeEach(async () => {
  project = new Project(installed, { 'indelible.config.mjs': CONFIG });
  writeFileSync(project.path('audit.key'), `${KEY.encode()}\n`, { mode: 0o600 });
  const store = createSqliteStore({ path: project.path('audit.db') });
  await store.migrate();
  await store.append(
    someEntries(12, (n) => ({
      core: { ...(n % 3 === 0 && { tenant_id: 'acme' }), subject_id: `p${n % 2}` },
    })),
  );
  await sealPending(store, KEY);
  await fileAnchor({ path: project.path('anchor.txt') }).put(
    (await store.lastCheckpoint()) ?? { size: 0, note: '' },
  );
  await store.append(someEntries(3));
  await sealPending(store, KEY);
  await store.close();
});
afterEach(() => project.remove());
afterAll(() => installed.remove());

function keys(): { keys: string[] } {
  return { keys: [KEY.verifierKey] };
}

interface Told {
  readonly text: string;
  readonly exitCode: number;
}

async function verifying(
  path: string,
  options: Parameters<typeof verifyBundleAt>[1],
  folder: string,
): Promise<Told> {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const invocation = new Invocation(new Terminal(stream, stream, {}), folder);
  await verifyBundleAt(path, options, invocation);
  return { text, exitCode: invocation.exitCode };
}

describe('indelible bundle', () => {
  it('writes the whole log, which continues what is anchored, and says what it wrote', async () => {
    const { code, stdout, stderr } = await project.indelible([
      'bundle',
      '--all-tenants',
      '--output',
      'e.zip',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        '15 events of clinic.example/audit at 15 leaves, 0 of them not sealed yet',
        '0 without their payload, 0 purged; 0 removals explain them',
        '1 checkpoints kept elsewhere are continued',
        project.path('e.zip'),
        '',
      ].join('\n'),
    );
    const report = await verifyBundle(project.path('e.zip'), keys());
    expect(report).toMatchObject({ isProven: true, isSigned: true, isWhole: true, events: { VALID: 15 } });
  });

  it('continues what the file of a file anchor holds that it is given', async () => {
    const config = CONFIG.replace(/ {2}anchors: .*\n/, '');
    writeFileSync(project.path('indelible.config.mjs'), config);
    const bundle = ['bundle', '--all-tenants', '--checkpoint', 'anchor.txt', '--output', 'e'];
    const { code, stdout } = await project.indelible(bundle);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^1 checkpoints kept elsewhere are continued$/m) as string,
    });
  });

  it('is refused for a log in which something was altered, unless it is asked for with its findings', async () => {
    const db = new Database(project.path('audit.db'));
    for (const name of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all())
      db.exec(`DROP TRIGGER "${String(name)}"`);
    db.exec("UPDATE indelible_event SET payload = '{}' WHERE rowid = 3").close();
    const refused = await project.indelible(['bundle', '--all-tenants', '--output', 'e']);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /NOT_PROVABLE: No bundle was written.*TAMPERED.*--with-findings/,
      ) as string,
    });
    expect(existsSync(project.path('e'))).toBe(false);
    const told = await project.indelible(['bundle', '--all-tenants', '--output', 'e', '--with-findings']);
    expect(told).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^It does not verify: 1 findings/) as string,
    });
    expect(await verifyBundle(project.path('e'), keys())).toMatchObject({ findingCount: 1 });
  });

  it.each([
    ['--tenant acme', 4],
    ['--subject-id p1', 4],
    ['--tenant acme --subject-id p1', 2],
    ['--all-tenants --subject-id p1', 6],
    ['--days 2', 11],
  ])('takes what is asked for by %s and no more', async (options, count) => {
    const { stdout } = await project.indelible([
      'bundle',
      ...options.split(' '),
      '--output',
      'part',
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ counts: { events: count }, is_signed: true });
    expect(await verifyBundle(project.path('part'), keys())).toMatchObject({
      isProven: true,
      isWhole: false,
    });
  });

  it('writes over nothing, and refuses what it cannot ask for', async () => {
    writeFileSync(project.path('there'), 'mine');
    expect(await project.indelible(['bundle', '--output', 'there'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/BUNDLE_REFUSED: There is something/) as string,
    });
    expect(readFileSync(project.path('there'), 'utf8')).toBe('mine');
    expect((await project.indelible(['bundle'])).code).toBe(2);
    expect(
      (await project.indelible(['bundle', '--output', 'x', '--tenant', 'a', '--all-tenants'])).code,
    ).toBe(2);
    expect((await project.indelible(['bundle', '--output', 'x', '--days', 'many'])).code).toBe(2);
    expect(existsSync(project.path('x'))).toBe(false);
  });
});

describe('indelible verify --bundle', () => {
  it('proves it by a given key, or says why not', async () => {
    await project.indelible(['bundle', '--all-tenants', '--output', 'evidence']);
    const folder = project.path('evidence');
    const key = [KEY.verifierKey];
    expect(await verifying('evidence', { key }, project.folder)).toEqual({
      exitCode: 0,
      text: [
        'bundle of the whole log clinic.example/audit at 15 leaves',
        'events: 15 VALID',
        'signed: nothing was left out since it was made',
        'CONSISTENT: nothing is wrong.',
        '',
      ].join('\n'),
    });
    const stranger = [SigningKey.create('clinic.example/audit').verifierKey];
    expect(await verifying('evidence', { key: stranger }, project.folder)).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(
        /BAD_SIGNATURE checkpoint.txt.*\nBAD_SIGNATURE: \d findings|BAD_SIGNATURE: /s,
      ) as string,
    });
    writeFileSync(`${folder}/README.md`, '\u001b[2J all is well\n');
    const altered = await verifying('evidence', { key, json: true }, project.folder);
    expect(altered.exitCode).toBe(1);
    expect(JSON.parse(altered.text)).toMatchObject({ isProven: false, findingCount: 1 });
  });

  it('proves nothing by the key that a bundle brings', async () => {
    await project.indelible(['bundle', '--all-tenants', '--output', 'evidence.zip']);
    const elsewhere = new Project(installed);
    const told = await verifying(project.path('evidence.zip'), {}, elsewhere.folder);
    elsewhere.remove();
    expect(told).toMatchObject({
      exitCode: 3,
      text: expect.stringMatching(/NOT VERIFIED: consistent with the key/) as string,
    });
  });
});
