import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../../node_modules/.bin/indelible', import.meta.url));

/** What `npx indelible verify` says of a clinic's trail. */
export function verify(dataDir: string): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, CLINIC_DATA_DIR: dataDir };
  return spawnSync(process.execPath, [COMMAND, 'verify'], { cwd: HOME, env, encoding: 'utf8' });
}

/** How many leaves the log has. */
export function sealedIn(dataDir: string): number {
  return withTrail(dataDir, (db) => db.prepare('SELECT size FROM indelible_head').pluck().get() as number);
}

/** As somebody does who has the file: the guards are taken off, and history is changed. */
export function alter(dataDir: string): void {
  withTrail(dataDir, (db) => {
    const guards = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all() as string[];
    for (const guard of guards) db.exec(`DROP TRIGGER "${guard}"`);
    db.exec(
      "UPDATE indelible_event SET actor_id = '1' WHERE seq = (SELECT max(seq) FROM indelible_event) - 1",
    );
  });
}

function withTrail<T>(dataDir: string, work: (db: Database.Database) => T): T {
  const db = new Database(join(dataDir, 'audit.db'));
  try {
    return work(db);
  } finally {
    db.close();
  }
}
