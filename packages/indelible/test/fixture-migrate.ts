import { createPostgresStore } from '../src/postgres.js';

/** Run as a process of its own by a test: migrates the database it is given. */
const store = createPostgresStore({ connectionString: process.argv[2], monthsAhead: 4 });
await store.migrate();
await store.close();
