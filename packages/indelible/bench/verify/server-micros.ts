import { readdirSync, readFileSync } from 'node:fs';

import { Client } from 'pg';

/** Where a process has its parent in /proc/.../stat, and from where to where what it and its ended children worked. */
const [PARENT, OWN, ENDED] = [1, 11, 15];
/** A tick, by which that is counted. */
const TICK_MICROS = 10_000;

/**
 * What the processes of a PostgreSQL server have worked so far, with those that have ended, in microseconds. NaN where
 * the server is on another machine, or the system does not tell.
 */
export async function serverMicros(url: string): Promise<number> {
  const server = await serverOf(url);
  const stat = statOf(String(server));
  if (stat === undefined) return Number.NaN;
  const ended = stat.slice(OWN, ENDED).reduce((sum, ticks) => sum + Number(ticks), 0);
  const living = readdirSync('/proc').filter((name) => Number(statOf(name)?.[PARENT]) === server);
  return ended * TICK_MICROS + living.reduce((sum, name) => sum + microsOf(name), 0);
}

/** The process that started the one which answers here. */
async function serverOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return Number(statOf(String(rows[0]?.pid))?.[PARENT]);
  } finally {
    await client.end();
  }
}

/** What the system tells of a process of PostgreSQL, behind its name; undefined for any other. */
function statOf(name: string): string[] | undefined {
  const [, command, rest] = /^\d+ \((.*)\) (.*)/s.exec(read(name, 'stat') ?? '') ?? [];
  return command?.startsWith('postgres') === true ? rest?.split(' ') : undefined;
}

function microsOf(name: string): number {
  return Number(read(name, 'schedstat')?.split(' ')[0] ?? 0) / 1_000;
}

function read(name: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}/${file}`, 'latin1');
  } catch {
    // It is no process, has ended meanwhile, or there is no /proc.
    return undefined;
  }
}
