import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { dropDatabases } from './database.js';
import { findPostgres, type Found, type PostgresServer } from './find.js';
import { cephIsMissing } from './s3-ceph-missing.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: PostgresServer[];
    /** Part of the name of every database this run makes, so that the run can clear up after itself. */
    testRun: string;
    /** Whether this machine has a server with S3 Object Lock. */
    hasCeph: boolean;
  }
}

/** Gives every test the servers of this run; stops those it started and drops what tests left behind. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const found = await findPostgres();
  const run = randomBytes(3).toString('hex');
  project.provide('postgres', found.servers);
  project.provide('testRun', run);
  const withoutCeph = cephIsMissing();
  project.provide('hasCeph', withoutCeph === undefined);
  if (withoutCeph !== undefined) found.notTested.push(`S3 Object Lock on Ceph RGW: ${withoutCeph}`);
  writeReport(project.config.root, found);
  return async () => {
    await Promise.all(found.own.map((server) => server.close()));
    const stopped = new Set(found.own.map(({ url }) => url));
    const others = found.servers.filter(({ url }) => !stopped.has(url));
    await Promise.all(others.map((server) => dropDatabases(server, run)));
  };
}

function writeReport(root: string, { servers, passedOver, notTested }: Found): void {
  const report = { servers: servers.map(({ name }) => name), passedOver, notTested };
  mkdirSync(join(root, '.reports'), { recursive: true });
  writeFileSync(join(root, '.reports/servers.json'), `${JSON.stringify(report, undefined, 2)}\n`);
}
