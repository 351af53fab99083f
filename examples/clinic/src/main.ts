import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { createApp } from './app.js';
import { type Clinic, createClinic } from './clinic.js';
import { makeUpLife } from './made-up-life/made-up-life.js';
import { welcome } from './made-up-life/welcome.js';

const LAST_ANSWERS_MS = 5_000;

const port = Number(process.env['PORT'] ?? 3000);
const host = process.env['HOST'] ?? '127.0.0.1';
const dataDir = process.env['CLINIC_DATA_DIR'] ?? fileURLToPath(new URL('../data', import.meta.url));

const clinic = await createClinic({
  dataDir,
  databaseUrl: process.env['DATABASE_URL'] || undefined,
  auditDatabaseUrl: process.env['AUDIT_DATABASE_URL'] || undefined,
});
if (await clinic.users.isEmpty()) {
  console.info(`Filling ${dataDir} with a little made-up life ...`);
  await makeUpLife(clinic, { months: Number(process.env['CLINIC_MONTHS'] ?? 9), progress: console.info });
}
try {
  const server = await listen(createServer(createApp(clinic)));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(server, clinic));
  console.info(welcome((server.address() as AddressInfo).port));
} catch (error) {
  console.error(`The clinic cannot listen on port ${port} of ${host}; set PORT and HOST to others.`, error);
  await clinic.close();
  process.exitCode = 1;
}

async function listen(server: Server): Promise<Server> {
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Answers what has been asked, brings the trail home, and goes. A second signal ends the process at once. */
async function stop(running: Server, open: Clinic): Promise<void> {
  const closed = once(running, 'close');
  running.close();
  const idle = setInterval(() => running.closeIdleConnections(), 50);
  const late = setTimeout(() => running.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
  await open.close();
  process.exit(0);
}
