import { startPostgres } from './postgres.js';

/** Run as a process of its own by a test, which kills it: starts a server, says where, and waits. */
const server = await startPostgres();
process.stdout.write(`${server.url}\n`);
setInterval(() => undefined, 1_000);
