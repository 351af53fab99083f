import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export interface Migration {
  readonly name: string;
  readonly digest: string;
  readonly sql: string;
}

/** The numbered SQL files of a folder, in their order, each with the digest a released file must keep. */
export function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name) => {
    const sql = readFileSync(new URL(name, folder), 'utf8');
    return { name: name.replace(/\.sql$/, ''), digest: createHash('sha256').update(sql).digest('hex'), sql };
  });
}
