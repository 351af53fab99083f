import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fileAnchor } from 'indelible';
import { defineConfig } from 'indelible/config';
import { createPostgresStore } from 'indelible/postgres';
import { createSqliteStore } from 'indelible/sqlite';

const dataDir = process.env['CLINIC_DATA_DIR'] ?? fileURLToPath(new URL('./data', import.meta.url));
const connectionString = process.env['AUDIT_DATABASE_URL'];

/** For the command line: where the clinic's trail is, and its key. */
export default defineConfig({
  store: connectionString
    ? createPostgresStore({ connectionString })
    : createSqliteStore({ path: join(dataDir, 'audit.db') }),
  keys: { file: join(dataDir, 'indelible.key') },
  // What the log must continue: verify holds it against these, too.
  anchors: [fileAnchor({ path: join(dataDir, 'checkpoints.txt') })],
});
