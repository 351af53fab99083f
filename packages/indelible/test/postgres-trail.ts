import { Client } from 'pg';

import { createPostgresStore, type PostgresStoreOptions } from '../src/postgres.js';
import type { Store } from '../src/stores/store.js';
import { createDatabase } from './servers/postgres.js';

/** A trail in a database of its own, its store as the superuser, and a connection beside the store. */
export interface PostgresTrail {
  readonly url: string;
  readonly store: Store;
  readonly client: Client;
  /** A store as a login role of its own that was granted other roles; SQL may be given for more rights. */
  storeAs(grants: string, options?: PostgresStoreOptions): Promise<Store>;
  /** A connection as such a role. */
  clientAs(grants: string): Promise<Client>;
  close(): Promise<void>;
}

export interface TrailOptions extends PostgresStoreOptions {
  readonly roles?: boolean;
  readonly migrated?: boolean;
}

export async function openTrail(server: { url: string }, options: TrailOptions = {}): Promise<PostgresTrail> {
  const { roles = false, migrated = true, ...storeOptions } = options;
  const database = await createDatabase(server);
  const store = createPostgresStore({ connectionString: database.url, monthsAhead: 4, ...storeOptions });
  if (migrated) await store.migrate({ roles });
  const client = await connect(database.url);
  const logins = new Logins(client, database.name);
  const open: (Store | Client)[] = [store];
  return {
    url: database.url,
    store,
    client,
    async storeAs(grants, given) {
      const other = createPostgresStore({
        connectionString: await logins.make(database.url, grants),
        ...given,
      });
      open.push(other);
      return other;
    },
    async clientAs(grants) {
      const other = await connect(await logins.make(database.url, grants));
      open.push(other);
      return other;
    },
    async close() {
      await Promise.all(open.map((one) => ('end' in one ? one.end() : one.close())));
      await logins.drop();
      await client.end();
      await database.drop();
    },
  };
}

export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // Losing the server under the client is what some tests do.
  await client.connect();
  return client;
}

/** Login roles for one database: roles are the whole server's, so their names hold the database's. */
class Logins {
  readonly #client: Client;
  readonly #database: string;
  readonly #names: string[] = [];

  constructor(client: Client, database: string) {
    this.#client = client;
    this.#database = database;
  }

  async make(url: string, grants: string): Promise<string> {
    const name = `${this.#database}_${this.#names.length}`;
    this.#names.push(name);
    await this.#client.query(`CREATE ROLE "${name}" LOGIN PASSWORD 'for-tests'`);
    if (grants !== '') await this.#client.query(grants.replaceAll('$role', `"${name}"`));
    const login = new URL(url);
    login.username = name;
    login.password = 'for-tests';
    return login.href;
  }

  async drop(): Promise<void> {
    for (const name of this.#names) await this.#client.query(`DROP OWNED BY "${name}"; DROP ROLE "${name}"`);
  }
}
