import type { Row } from '../sql/reader.js';
import type { SavedView, ViewOwner, Views } from '../views.js';
import type { SqliteFile } from './sqlite-file.js';

const LIST = `SELECT id, name, query, saved_at FROM indelible_view WHERE tenant_id = ? AND viewer_id = ? ORDER BY name, id`;
const SAVE = `INSERT INTO indelible_view (id, tenant_id, viewer_id, name, query) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, query = excluded.query, saved_at = excluded.saved_at
  WHERE tenant_id = excluded.tenant_id AND viewer_id = excluded.viewer_id`;
const REMOVE = 'DELETE FROM indelible_view WHERE id = ? AND tenant_id = ? AND viewer_id = ?';
const CHANGED = 'SELECT changes() AS changed';

/** The views of a trail in a SQLite file. */
export class SqliteViews implements Views {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async list({ tenantId, viewerId }: ViewOwner): Promise<readonly SavedView[]> {
    return (await this.#file.execute({ sql: LIST, parameters: [tenantId, viewerId] })).map(viewOf);
  }

  save({ tenantId, viewerId }: ViewOwner, { id, name, query }: Omit<SavedView, 'savedAt'>): Promise<boolean> {
    return this.#change(SAVE, [id, tenantId, viewerId, name, query]);
  }

  remove({ tenantId, viewerId }: ViewOwner, id: string): Promise<boolean> {
    return this.#change(REMOVE, [id, tenantId, viewerId]);
  }

  async #change(sql: string, params: readonly unknown[]): Promise<boolean> {
    await this.#file.ready();
    const [row] = await this.#file.change({ sql, params }, { sql: CHANGED, params: [] });
    return Number(row?.['changed']) === 1;
  }
}

function viewOf(row: Row): SavedView {
  return {
    id: String(row['id']),
    name: String(row['name']),
    query: String(row['query']),
    savedAt: new Date(Number(row['saved_at'])).toISOString(),
  };
}
