import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { TEXTS } from '../table.js';

/** The members of the generated client that are used here. */
interface PrismaClientLike {
  readonly patient: {
    update(args: object): Promise<unknown>;
    updateMany(args: object): Promise<unknown>;
  };
  $executeRawUnsafe(text: string): Promise<unknown>;
  $queryRawUnsafe(text: string): Promise<unknown>;
  $disconnect(): Promise<void>;
}

interface GeneratedClient {
  readonly PrismaClient: new (options: object) => PrismaClientLike;
}

const FOLDER = fileURLToPath(new URL('../../../node_modules/.cache/indelible-bench/', import.meta.url));

const loaded = new Map<string, Promise<GeneratedClient>>();

/** Generates the client, once in a folder that git ignores, and loads it. */
export function prismaClient(provider: 'postgresql' | 'sqlite'): Promise<GeneratedClient> {
  const client = loaded.get(provider) ?? generated(provider);
  loaded.set(provider, client);
  return client;
}

async function generated(provider: 'postgresql' | 'sqlite'): Promise<GeneratedClient> {
  const folder = path.join(FOLDER, `prisma-${provider}`);
  mkdirSync(folder, { recursive: true });
  const schema = path.join(folder, 'schema.prisma');
  writeFileSync(schema, schemaText(provider));
  const command = createRequire(import.meta.url).resolve('prisma/build/index.js');
  execFileSync(process.execPath, [command, 'generate', '--schema', schema], {
    // Generating needs no engine; without this one would be looked for on the network.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    stdio: 'pipe',
  });
  return (await import(path.join(folder, 'client', 'client.ts'))) as GeneratedClient;
}

function schemaText(provider: 'postgresql' | 'sqlite'): string {
  const texts = TEXTS.map((name) => `  ${name} String${name === 'mrn' ? ' @unique' : ''}`).join('\n');
  const date = provider === 'postgresql' ? 'DateTime @db.Date' : 'DateTime';
  return `generator client {
  provider = "prisma-client"
  output   = "./client"
}
datasource db {
  provider = "${provider}"
}
model patient {
  id Int @id
${texts}
  birth_date ${date}
  visits Int
  updated_at DateTime
}
`;
}
