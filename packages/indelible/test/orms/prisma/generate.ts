/** Makes the Prisma clients of the tests from their schemas, where they are missing or older than these. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HOME = fileURLToPath(new URL('.', import.meta.url));
const PRISMA = createRequire(import.meta.url).resolve('prisma/package.json');
const CLI = path.join(path.dirname(PRISMA), 'build/index.js');

/** Prisma wants to fetch its schema engine, which making a client never starts: any program will do. */
const OFFLINE = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };

async function generate(provider: 'postgres' | 'sqlite'): Promise<void> {
  const schema = path.join(HOME, `${provider}.prisma`);
  const stamp = path.join(HOME, 'generated', provider, 'sha256');
  const digest = createHash('sha256').update(readFileSync(schema)).update(readFileSync(PRISMA)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await promisify(execFile)(process.execPath, [CLI, 'generate', '--no-hints', '--schema', schema], {
    cwd: HOME,
    env: { ...process.env, ...OFFLINE },
  });
  writeFileSync(stamp, digest);
}

for (const provider of ['postgres', 'sqlite'] as const) await generate(provider);
