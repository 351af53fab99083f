import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Comparison, OpenSides, Side } from './side.js';
import type { Ground } from './ground.js';

/** A package that records changes too, with the ORM it asks for, in a folder of its own. */
interface Peer {
  readonly folder: string;
  readonly package: string;
  readonly orm: string;
}

export const PEERS: readonly Peer[] = [
  { folder: 'explita', package: '@explita/prisma-audit-log', orm: '@prisma/client' },
  { folder: 'kysera', package: '@kysera/audit', orm: 'kysely' },
  { folder: 'typeorm-auditing', package: 'typeorm-auditing', orm: 'typeorm' },
  { folder: 'bemi', package: '@bemi-db/prisma', orm: '@prisma/client' },
];

interface Hello {
  readonly about: { readonly auditTable?: string; readonly notes?: readonly string[] };
  readonly sides: Readonly<Record<string, readonly string[]>>;
}

/** Installs what its lock file names where that is not done yet; throws when it cannot be had. */
export function peerComparison(peer: Peer): Comparison {
  const folder = fileURLToPath(new URL(`./peers/${peer.folder}/`, import.meta.url));
  install(folder);
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const version = (name: string): string => `${name} ${dependencies[name]}`;
  return {
    name: `${version(peer.package)} on ${version(peer.orm)}`,
    isPeer: true,
    open: (ground, url) => open(folder, ground, url),
  };
}

function install(folder: string): void {
  const options = { cwd: folder, stdio: 'pipe' } as const;
  if (!existsSync(path.join(folder, 'node_modules')))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], options);
  if (!existsSync(path.join(folder, 'schema.prisma'))) return;
  const environment = {
    ...process.env,
    // Generating needs no engine; without these one would be looked for on the network.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
    DATABASE_URL: 'postgres://unused',
  };
  execFileSync(
    process.execPath,
    ['node_modules/prisma/build/index.js', 'generate', '--schema=schema.prisma'],
    {
      ...options,
      env: environment,
    },
  );
}

async function open(folder: string, ground: Ground, url: string): Promise<OpenSides> {
  const child = fork(path.join(folder, 'run.mjs'), [url], { cwd: folder, execArgv: [], silent: true });
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`ended: ${Buffer.concat(errors).toString().trim().split('\n').slice(-8).join(' ')}`);
  });
  const [hello] = (await Promise.race([once(child, 'message'), ended])) as [Hello];
  const caller = new Caller(child);
  const table = hello.about.auditTable;
  const take = table === undefined ? undefined : () => emptied(ground, table);
  const sides = Object.entries(hello.sides).map(([name, calls]): Side => {
    const call = (what: string) => (calls.includes(what) ? caller.of(name, what) : undefined);
    const isPlain = name === 'plain';
    return {
      name,
      baselines: isPlain ? [] : ['plain'],
      mustRecord: false,
      bulk: caller.of(name, 'bulk'),
      ...(call('singles') && { singles: caller.of(name, 'singles') }),
      ...(call('rolledBack') && { rolledBack: caller.of(name, 'rolledBack') }),
      ...(take && !isPlain && { take }),
    };
  });
  return {
    sides,
    auditTable: table,
    notes: hello.about.notes,
    close: async () => {
      ended.catch(() => undefined);
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function emptied(ground: Ground, table: string): Promise<number> {
  const [row] = await ground.query(`SELECT count(*) AS n FROM ${table}`);
  await ground.query(`TRUNCATE ${table}`);
  return Number(row?.['n']);
}

/** Calls the functions of the sides in the child. */
class Caller {
  readonly #child: ChildProcess;
  #calls = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.setMaxListeners(0);
  }

  of(side: string, call: string): (...args: readonly (string | number)[]) => Promise<void> {
    return (...args) => this.#call(side, call, args);
  }

  async #call(side: string, call: string, args: readonly (string | number)[]): Promise<void> {
    const id = (this.#calls += 1);
    const answered = new Promise<void>((resolve, reject) => {
      const listen = (answer: { readonly id: number; readonly error?: string }): void => {
        if (answer.id !== id) return;
        this.#child.off('message', listen);
        if (answer.error === undefined) resolve();
        else reject(new Error(answer.error));
      };
      this.#child.on('message', listen);
      this.#child.once('exit', () => reject(new Error('The peer ended.')));
    });
    this.#child.send({ id, side, call, args });
    await answered;
  }
}
