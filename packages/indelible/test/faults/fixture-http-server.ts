import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import express from 'express';

import { auditExport, auditExpress, auditList, auditRead } from '../../src/express.js';
import { createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';

/** What the process that starts this one asks of it, as JSON in the first argument. */
export interface ServerTask {
  readonly path: string;
  readonly dir: string;
}

/**
 * Run as a process of its own by a test, which kills it: serves requests that are read, listed, exported, refused or
 * told by the safety net, each under the id that the test has given it, and says where it listens.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as ServerTask;
const audit = createAudit({
  store: createSqliteStore({ path: task.path }),
  spool: { dir: task.dir },
  models: { Patient: { subject: 'id' } },
  log: () => undefined,
  onError: ({ message }) => process.stderr.write(`${message}\n`),
});

const app = express();
app.use(
  auditExpress(audit, { requestId: (request) => request.get('x-own-id'), maxEventsPerMinute: 1_000_000 }),
);
app.use((request, _response, next) => {
  Object.assign(request, { user: { id: 'ann' } });
  setImmediate(next);
});
app.get('/api/patients', auditList(audit, 'Patient'), (_request, response) => {
  response.json({ results: [{ id: 1 }, { id: 2 }] });
});
app.get('/api/patients/:id', auditRead(audit, 'Patient'), async ({ params }, response) => {
  await sleep(1);
  if (params.id === 'hidden') response.status(403).json({});
  else response.json({ id: params.id });
});
app.get('/api/invoices/:id', (_request, response) => void response.json({}));
app.get('/api/exports', auditExport(audit, 'Patient'), (_request, response) => {
  for (let n = 0; n < 100; n += 1) response.write(`${n},patient ${n}\n`);
  response.end();
});

await audit.ready();
const server = createServer(app).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`ready ${(server.address() as AddressInfo).port}\n`);
