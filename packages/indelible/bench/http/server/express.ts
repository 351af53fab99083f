import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import express, { type RequestHandler } from 'express';

import { auditExpress, auditList, auditRead } from '../../../dist/express.js';
import { userOf } from './clinic.js';
import type { OpenApplication } from './main.js';

export const openExpress: OpenApplication = async ({ patients, recording }) => {
  const app = express();
  if (recording) app.use(auditExpress(recording.audit, recording.options));
  app.use(authenticate);
  const readings = recording?.hasReadings ? recording : undefined;
  app.get('/api/patients/:id', readings ? [auditRead(readings.audit, 'Patient')] : [], ((
    request,
    response,
  ) => {
    const patient = patients.one(String(request.params['id']));
    if (patient === undefined) return void response.sendStatus(404);
    recording?.showed.one(patient);
    response.json(patient);
  }) satisfies RequestHandler);
  app.get('/api/patients', readings ? [auditList(readings.audit, 'Patient')] : [], ((request, response) => {
    const page = patients.page(request.query['page']);
    recording?.showed.page(page);
    response.json(page);
  }) satisfies RequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const authenticate: RequestHandler = (request, response, next) => {
  const user = userOf(request.headers.authorization);
  (request as { user?: unknown }).user = user;
  if (user === undefined) response.sendStatus(401);
  else next();
};
