import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'indelible/config';
import { createSqliteStore } from 'indelible/sqlite';

const dataDir = process.env['CLINIC_DATA_DIR'] ?? fileURLToPath(new URL('./data', import.meta.url));

/** For the command line: where the clinic's trail is, and its key. */
export default defineConfig({
  store: createSqliteStore({ path: join(dataDir, 'audit.db') }),
  keys: { file: join(dataDir, 'indelible.key') },
});
