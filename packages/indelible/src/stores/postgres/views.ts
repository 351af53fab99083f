import type { Execute, Row } from '../sql/reader.js';
import type { SavedView, ViewOwner, Views } from '../views.js';
import type { Connections } from './connections.js';
import { timeText } from './rows.js';

const LIST = `SELECT id, name, query, ${timeText('saved_at')} FROM indelible_view
  WHERE tenant_id = $1 AND viewer_id = $2 ORDER BY name, id`;
const SAVE = `INSERT INTO indelible_view AS known (id, tenant_id, viewer_id, name, query) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, saved_at = excluded.saved_at
  WHERE known.tenant_id = excluded.tenant_id AND known.viewer_id = excluded.viewer_id`;
const REMOVE = 'DELETE FROM indelible_view WHERE id = $1 AND tenant_id = $2 AND viewer_id = $3';

/** The views of a trail in a PostgreSQL database. */
export class PostgresViews implements Views {
  readonly #connections: Connections;
  readonly #writeTimeoutMs: number;
  readonly #execute: Execute;

  constructor(connections: Connections, writeTimeoutMs: number, execute: Execute) {
    this.#connections = connections;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#execute = execute;
  }

  async list({ tenantId, viewerId }: ViewOwner): Promise<readonly SavedView[]> {
    return (await this.#execute({ sql: LIST, parameters: [tenantId, viewerId] })).map(viewOf);
  }

  save({ tenantId, viewerId }: ViewOwner, { id, name, query }: Omit<SavedView, 'savedAt'>): Promise<boolean> {
    return this.#change(SAVE, [id, tenantId, viewerId, name, query]);
  }

  remove({ tenantId, viewerId }: ViewOwner, id: string): Promise<boolean> {
    return this.#change(REMOVE, [id, tenantId, viewerId]);
  }

  #change(text: string, values: unknown[]): Promise<boolean> {
    return this.#connections.use(this.#writeTimeoutMs, async (connection) => {
      const { rowCount } = await connection.query(text, values);
      return rowCount === 1;
    });
  }
}

function viewOf(row: Row): SavedView {
  return {
    id: String(row['id']),
    name: String(row['name']),
    query: String(row['query']),
    savedAt: String(row['saved_at']),
  };
}
