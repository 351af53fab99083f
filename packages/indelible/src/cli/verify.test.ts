import { existsSync, writeFileSync } from 'node:fs';

import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type Ending, Package, Project } from '../../test/cli/project.js';
import { createAudit, fileAnchor } from '../index.js';
import { SigningKey } from '../integrity/note-key.js';
import { createSqliteStore } from '../sqlite.js';
import type { StoredCheckpoint } from '../stores/seal-log.js';
import type { Verification } from '../verify/verification.js';

const KEY = SigningKey.create('example.com/audit');
const OTHER = SigningKey.create('example.com/audit');
const CONFIG = `import { defineConfig } from 'indelible/config';
import { createSqliteStore } from 'indelible/sqlite';

export default defineConfig({
  store: createSqliteStore({ path: './audit.db' }),
  keys: { file: './indelible.key' },
});`;

describe('indelible verify', () => {
  let installed: Package;
  let project: Project;
  let ids: string[];

  beforeAll(() => {
    installed = Package.build();
  });
  beforeEach(async () => {
    project?.remove();
    project = new Project(installed, {
      'indelible.config.ts': CONFIG,
      'indelible.key': `${KEY.encode()}\n`,
      'audit.vkey': `${KEY.verifierKey}\n`,
    });
    ids = await record();
  });
  afterAll(() => {
    project.remove();
    installed.remove();
  });

  async function record(): Promise<string[]> {
    const store = createSqliteStore({ path: project.path('audit.db') });
    const audit = createAudit({ store, spool: false, seal: { key: KEY }, log: () => undefined });
    const found: string[] = [];
    for (let n = 0; n < 20; n += 1)
      found.push((await audit.record({ action: 'READ', reason: `check-up ${n}` })) ?? '');
    await audit.close();
    return found;
  }

  function spoil(sql: string): void {
    const db = new Database(project.path('audit.db'));
    const guards = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%guard%'")
      .pluck();
    for (const name of guards.all()) db.exec(`DROP TRIGGER ${String(name)}`);
    db.exec(sql);
    db.close();
  }

  const verify = (...args: readonly string[]): Promise<Ending> => project.indelible(['verify', ...args]);
  const bytes = (id: string): string => `x'${id.replaceAll('-', '')}'`;

  it('says that nothing is wrong, of how much, and what that is worth', async () => {
    const { code, stdout, stderr } = await verify();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^log example\.com\/audit: leaves 0 to \d+, proved up to \d+$/m);
    expect(stdout).toMatch(/^events: \d+ VALID$/m);
    expect(stdout).toContain('tamper-detecting: held against checkpoints that lie beside the data');
    expect(stdout.trimEnd()).toMatch(/CONSISTENT: nothing is wrong\.$/);
  });

  it('names what was altered, and ends with 1', async () => {
    const id = ids[7] ?? '';
    spoil(`UPDATE indelible_event SET actor_id = 'u2' WHERE id = ${bytes(id)}`);
    const { code, stdout } = await verify('--key', 'audit.vkey');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^ {2}TAMPERED leaf \\d+ event ${id}: it does not hash to its leaf`, 'm'),
    );
    expect(await verify('--event', id)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('TAMPERED'),
    });
    expect(await verify('--event', ids[8] ?? '')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^event .*: leaf \d+\nunder the checkpoint of example\.com\/audit at \d+ leaves\nVALID\n$/,
      ),
    });
  });

  it('prints for programs what it found', async () => {
    spoil(`DELETE FROM indelible_event WHERE id = ${bytes(ids[3] ?? '')}`);
    const { code, stdout } = await verify('--json');
    const found = JSON.parse(stdout) as Verification;
    expect(code).toBe(1);
    expect(found).toMatchObject({ isGood: false, log: 'CONSISTENT', counts: { MISSING: 1 } });
    expect(found.violations).toMatchObject([{ verdict: 'MISSING', id: ids[3] }]);
  });

  it('tells of so many as are asked for, and how many there are', async () => {
    spoil("UPDATE indelible_event SET payload = '{}'");
    const { code, stdout } = await verify('--show', '2');
    expect(code).toBe(1);
    expect(stdout.match(/^ {2}TAMPERED leaf/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^ {2}and \d+ more$/m);
  });

  it('takes a key as it is, and believes no other', async () => {
    expect(await verify('--key', KEY.verifierKey)).toMatchObject({ code: 0 });
    const { code, stdout } = await verify('--key', OTHER.verifierKey);
    expect(code).toBe(1);
    expect(stdout).toContain('BAD_SIGNATURE');
  });

  it('holds the trail against a checkpoint that was kept elsewhere', async () => {
    const db = new Database(project.path('audit.db'));
    const note = db.prepare('SELECT note FROM indelible_checkpoint ORDER BY place DESC').pluck().get();
    db.close();
    project.write({ anchor: String(note) });
    const { code, stdout } = await verify('--checkpoint', 'anchor');
    expect(code).toBe(0);
    expect(stdout).toContain('tamper-evident: held against checkpoints that were kept elsewhere');
    await record();
    expect(await verify('--checkpoint', 'anchor')).toMatchObject({ code: 0 });
    spoil(
      'DELETE FROM indelible_checkpoint; DELETE FROM indelible_seal; UPDATE indelible_head SET size = 0, frontier = zeroblob(0)',
    );
    const rolled = await verify('--checkpoint', 'anchor');
    expect(rolled.code).toBe(1);
    expect(rolled.stdout).toContain('ROLLBACK');
  });

  it('holds the trail against the file of a file anchor, and tells of a file that is none', async () => {
    const anchor = fileAnchor({ path: project.path('anchor.txt') });
    await anchor.put((await lastCheckpoint()) ?? { size: 0, note: '' });
    await record();
    await anchor.put((await lastCheckpoint()) ?? { size: 0, note: '' });
    const { code, stdout } = await verify('--checkpoint', 'anchor.txt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^checkpoints that hold: \d+ of the log, 2 kept elsewhere$/m);
    expect(stdout).toContain('tamper-evident: held against checkpoints that were kept elsewhere');
    expect(await verify('--checkpoint', 'package.json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/neither a checkpoint nor the file of an anchor/) as string,
    });
  });

  async function lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    const store = createSqliteStore({ path: project.path('audit.db') });
    try {
      return await store.lastCheckpoint();
    } finally {
      await store.close();
    }
  }

  it('obeys nothing that somebody wrote into the trail for a terminal', async () => {
    spoil(`UPDATE indelible_checkpoint SET note = 'x', sealed_at = 0;
      UPDATE indelible_event SET action = char(27) || '[2J' || char(8238)`);
    const { stdout } = await verify();
    expect(stdout).toContain('TAMPERED');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  it('goes on where it was broken off, and clears that away when it is done', async () => {
    writeFileSync(project.path('state'), 'half a st');
    expect(await verify('--resume', 'state')).toMatchObject({ code: 0 });
    expect(existsSync(project.path('state'))).toBe(false);
  });

  it('ends with 3 when there is nothing to verify, or nothing to be reached', async () => {
    spoil(
      'DELETE FROM indelible_event; DELETE FROM indelible_seal; DELETE FROM indelible_checkpoint; DELETE FROM indelible_node',
    );
    spoil(
      "UPDATE indelible_head SET size = 0, place = 0, frontier = zeroblob(0), root = x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
    );
    const empty = await verify();
    expect(empty.code).toBe(3);
    expect(empty.stdout).toContain('NOT VERIFIED');
    project.write({ 'indelible.config.ts': CONFIG.replace('./audit.db', './nowhere/audit.db') });
    const away = await verify();
    expect(away).toMatchObject({ code: 3, stdout: '' });
    expect(away.stderr).toMatch(/^indelible: STORE_UNAVAILABLE: Nothing was verified\. /);
    const lost = await project.indelible(['verify', '--config', 'no.config.ts']);
    expect(lost).toMatchObject({ code: 3, stderr: expect.stringContaining('CONFIG_NOT_FOUND') });
  });

  it.each([
    ['--event', 'x'],
    ['--from', 'soon'],
    ['--show', 'all'],
    ['--floor-days', '-1'],
    ['--key', 'nowhere'],
    ['--key', 'package.json'],
    ['--checkpoint', 'nowhere'],
    ['--checkpoint', 'indelible.key'],
    ['--nothing', 'x'],
  ])('ends with 2 when it is asked with %s %s', async (...args) => {
    expect(await verify(...args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('ends with 2 without a key, and repeats no secret', async () => {
    project.write({ 'indelible.config.ts': CONFIG.replace('./indelible.key', './no.key') });
    const { code, stderr } = await verify();
    expect(code).toBe(2);
    expect(stderr).toContain('There is no key to verify with');
    const secret = await verify('--key', 'indelible.key');
    expect(`${secret.stdout}${secret.stderr}`).not.toContain('PRIVATE');
  });
});
