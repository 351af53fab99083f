import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { describe, expect, it, onTestFinished } from 'vitest';

import { entryLeaf } from '../../src/event/entry.js';
import { openCheckpoint } from '../../src/integrity/checkpoint.js';
import { SigningKey, VerifierKey } from '../../src/integrity/note-key.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import { NaiveTree } from '../../src/testing/seal-log/naive-tree.js';
import { hex } from '../../src/testing/seal-log/sealed.js';
import { connect, openTrail } from '../postgres-trail.js';
import { createDatabase, postgresServers } from '../servers/postgres.js';
import type { SealedWritersTask } from './fixture-sealed-writers.js';

const FIXTURE = fileURLToPath(new URL('./fixture-sealed-writers.ts', import.meta.url));
const PROCESSES = 4;
const WRITERS = 64;
const TRANSACTIONS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 100 : 5;
const SLOW = { timeout: TRANSACTIONS * 3_000 + 60_000 };

/** The ids that one process was told are committed. */
async function live(task: SealedWritersTask): Promise<string[]> {
  const args = ['--import', 'tsx', FIXTURE, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  expect(complaints).toBe('');
  return said.split('\n').filter((line) => line !== '');
}

describe.each(postgresServers())('writers and sealers in several processes on $name', (server) => {
  it(
    `P31: everything ${WRITERS} writers in ${PROCESSES} processes commit is sealed once, with a sealer in each and a transaction left open elsewhere`,
    SLOW,
    async () => {
      const [trail, other] = await Promise.all([openTrail(server), createDatabase(server)]);
      const [idle, store] = [
        await connect(other.url),
        new PostgresStore({ connectionString: trail.url, max: 2 }),
      ];
      onTestFinished(async () => {
        await Promise.all([idle.end(), store.close()]);
        await Promise.all([trail.close(), other.drop()]);
      });
      await idle.query('BEGIN; SELECT pg_current_xact_id()');
      const key = SigningKey.create('test.example/writers');
      const task = {
        url: trail.url,
        key: key.encode(),
        writers: WRITERS / PROCESSES,
        transactions: TRANSACTIONS,
      };
      const acknowledged = (await Promise.all(Array.from({ length: PROCESSES }, () => live(task)))).flat();
      expect(acknowledged.length).toBeGreaterThanOrEqual(WRITERS * TRANSACTIONS);

      const ids = async (sql: string): Promise<string[]> =>
        (await trail.client.query<{ id: string }>(sql)).rows.map(({ id }) => id).toSorted();
      const sealed = await ids('SELECT unnest(ids)::text AS id FROM indelible_seal');
      expect(sealed).toEqual(await ids('SELECT id::text FROM indelible_event'));
      const known = new Set(sealed);
      expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
      expect(await store.strays(10)).toEqual([]);

      const leaves = await store.leaves(0, sealed.length);
      expect(leaves.map(({ entry }) => entry && hex(entryLeaf(entry)))).toEqual(
        leaves.map(({ hash }) => hex(hash)),
      );
      const last = await store.lastCheckpoint();
      const opened = openCheckpoint(last?.note ?? '', [VerifierKey.parse(key.verifierKey)]);
      expect(opened?.size).toBe(BigInt(sealed.length));
      expect(hex(opened?.root ?? new Uint8Array())).toBe(
        hex(new NaiveTree(leaves.map(({ hash }) => hash)).root()),
      );
    },
  );
});
