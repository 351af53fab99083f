import type { Entry, EventCore, Store } from '../src/index.js';
import { createMemoryStore } from '../src/memory.js';
import { idAt, someEntry } from './entries.js';
import { openTrail } from './postgres-trail.js';
import { postgresServers } from './servers/postgres.js';
import { openSqliteTrail } from './sqlite-trail.js';

/** What somebody did, and when. */
export interface Act {
  readonly at: string;
  readonly action: string;
  readonly by?: string | undefined;
  readonly byType?: EventCore['actor']['type'] | undefined;
  readonly ip?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly target?: EventCore['target'] | undefined;
  readonly outcome?: EventCore['outcome'] | undefined;
  readonly count?: number | undefined;
  readonly payload?: object | undefined;
}

let made = 0;

/** The entry of an act, as the recorder would have made it at that moment. */
export function entryOf(act: Act): Entry {
  const { at, action, by, byType, ip, tenantId, target, outcome, count, payload } = act;
  made += 1;
  return someEntry({
    core: {
      id: idAt(at, made),
      action,
      outcome: outcome ?? 'success',
      source: 'manual',
      actor: { type: byType ?? (by === undefined ? 'anonymous' : 'user'), id: by },
      tenant_id: tenantId,
      target,
      count,
    },
    payload: { ...(ip === undefined ? {} : { request: { ip } }), ...payload },
    search: { ip },
  });
}

/** The same act several times, so many milliseconds apart. */
export function times(count: number, act: Act, everyMs = 1_000): Act[] {
  const start = Date.parse(act.at);
  return Array.from({ length: count }, (_, n) => ({
    ...act,
    at: new Date(start + n * everyMs).toISOString(),
  }));
}

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** Every kind of store there is, each empty. */
export const STORES: readonly (readonly [string, () => Promise<OpenedStore>])[] = [
  ['memory', async () => ({ store: createMemoryStore(), close: async () => undefined })],
  ['SQLite', openSqliteTrail],
  ...postgresServers().map((server) => [server.name, () => openTrail(server)] as const),
];
