import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import express, { type Express, type Request, type Response } from 'express';

import { auditExpress } from '../../../src/express.js';
import type { TestAudit } from '../../../src/testing.js';
import { closeLater, PATIENT } from '../own-trail.js';

export function show(_request: Request, response: Response): void {
  response.json(PATIENT);
}

export function breakDown(): never {
  throw new Error('the drill is broken');
}

/** An application that ann, and nobody else, has signed in to. */
export function watched(audit: TestAudit): Express {
  const app = express();
  app.use(auditExpress(audit));
  app.use((request, _response, next) => {
    if (request.get('authorization') === 'Kit ann') Object.assign(request, { user: { id: 'ann' } });
    next();
  });
  return app;
}

export async function serving(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
