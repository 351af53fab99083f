import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { reasonOf } from './reason.js';
import { clientAt, createBucket, type S3Server } from './s3.js';
import { CEPH_ROOT, pathOf } from './s3-ceph-missing.js';

const LIBRARIES = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/ceph'];
const START_BUDGET_MS = 60_000;

/**
 * The daemons end, and their folder goes, when the pipe from this process closes: however this process ends. The
 * store of an object daemon is made once the monitor answers.
 */
const SCRIPT = `
  ceph-mon -i a -f >mon.out 2>&1 & mon=$!
  ceph-osd -i 0 --mkfs --osd-uuid "$1" >mkfs.out 2>&1
  ceph-osd -i 0 -f >osd.out 2>&1 & osd=$!
  radosgw -n client.rgw -f >rgw.out 2>&1 & rgw=$!
  cat >/dev/null
  kill $rgw $osd; kill $mon; wait; rm -rf "$2"`;

/**
 * The S3 servers with a real Object Lock that this run can start: one, or none.
 *
 * @example
 * ```ts
 * describe.each(lockingServers())('$name', ({ start }) => { ... });
 * ```
 */
export function lockingServers(): { name: string; start: () => Promise<S3Server> }[] {
  return inject('hasCeph') ? [{ name: 'Ceph RGW', start: startCeph }] : [];
}

/** Ceph's own S3 over one monitor and one object daemon, in memory. */
async function startCeph(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'indelible-ceph-'));
  const [monitor, gateway] = [await freePort(), await freePort()];
  const environment = surroundings(folder);
  for (const name of ['mon', 'osd', 'rgw']) mkdirSync(join(folder, name));
  const cluster = randomUUID();
  writeFileSync(join(folder, 'ceph.conf'), configuration(folder, cluster, monitor, gateway));
  const run = (program: string, ...args: string[]): void => {
    execFileSync(program, args, { cwd: folder, env: environment, stdio: 'pipe', timeout: START_BUDGET_MS });
  };
  run('monmaptool', '--create', '--fsid', cluster, '--addv', 'a', `[v1:127.0.0.1:${monitor}]`, 'monmap');
  run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap');
  const daemons = spawn('/bin/sh', ['-c', SCRIPT, 'indelible-ceph', randomUUID(), folder], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    const url = `http://127.0.0.1:${gateway}`;
    await answers(url, folder);
    const [access, secret] = [randomBytes(8).toString('hex'), randomBytes(16).toString('hex')];
    const keys = [`--access-key=${access}`, `--secret-key=${secret}`];
    run('radosgw-admin', 'user', 'create', '--uid=tests', '--display-name=tests', ...keys);
    return serverOf(url, access, secret, daemons);
  } catch (cause) {
    await end(daemons);
    throw cause;
  }
}

function serverOf(url: string, access: string, secret: string, daemons: ChildProcess): S3Server {
  const client = clientAt(url, access, secret);
  return {
    name: 'Ceph RGW',
    client,
    createBucket: ({ locks } = { locks: false }) => createBucket(client, locks),
    async close() {
      client.destroy();
      await end(daemons);
    },
  };
}

async function end(daemons: ChildProcess): Promise<void> {
  if (daemons.exitCode !== null || daemons.signalCode !== null) return;
  const ended = once(daemons, 'exit');
  daemons.stdin?.end();
  await ended;
}

async function answers(url: string, folder: string): Promise<void> {
  const until = Date.now() + START_BUDGET_MS;
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch (cause) {
      if (Date.now() > until) throw new Error(`${reasonOf(cause)}; ${lastWords(folder)}`, { cause });
      await sleep(100);
    }
  }
}

function lastWords(folder: string): string {
  const texts = ['mon', 'mkfs', 'osd', 'rgw'].map((name) => {
    const file = join(folder, `${name}.out`);
    return existsSync(file) ? `${name}: ${readFileSync(file, 'utf8').slice(-300)}` : `${name}: not begun`;
  });
  return texts.join('; ');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return address.port;
}

function surroundings(folder: string): NodeJS.ProcessEnv {
  const root = process.env[CEPH_ROOT];
  const libraries = root === undefined ? [] : LIBRARIES.map((name) => join(root, name));
  return {
    ...process.env,
    PATH: pathOf(process.env),
    CEPH_CONF: join(folder, 'ceph.conf'),
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: libraries.join(delimiter) }),
  };
}

/** One copy of everything, nobody to sign in, no mail to anybody. */
function configuration(folder: string, cluster: string, monitor: number, gateway: number): string {
  const root = process.env[CEPH_ROOT];
  const unpacked =
    root === undefined
      ? []
      : [
          `plugin dir = ${join(root, 'usr/lib/ceph')}`,
          `erasure code dir = ${join(root, 'usr/lib/x86_64-linux-gnu/ceph/erasure-code')}`,
          `osd class dir = ${join(root, 'usr/lib/x86_64-linux-gnu/rados-classes')}`,
        ];
  return [
    '[global]',
    `fsid = ${cluster}`,
    `mon host = v1:127.0.0.1:${monitor}`,
    'mon initial members = a',
    'auth cluster required = none',
    'auth service required = none',
    'auth client required = none',
    'osd pool default size = 1',
    'osd pool default min size = 1',
    'osd pool default pg num = 1',
    'osd pool default pgp num = 1',
    'osd crush chooseleaf type = 0',
    'mon allow pool size one = true',
    'mon max pg per osd = 2000',
    'osd objectstore = memstore',
    'memstore device bytes = 1073741824',
    `run dir = ${folder}`,
    `log file = ${folder}/$name.log`,
    `admin socket = ${folder}/$name.asok`,
    `osd data = ${folder}/osd`,
    `mon data = ${folder}/mon`,
    `rgw data = ${folder}/rgw`,
    `rgw frontends = beast endpoint=127.0.0.1:${gateway}`,
    'ms bind msgr2 = false',
    'public addr = 127.0.0.1',
    'cluster addr = 127.0.0.1',
    ...unpacked,
    '',
  ].join('\n');
}
