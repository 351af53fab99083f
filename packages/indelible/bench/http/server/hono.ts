import type { AddressInfo } from 'node:net';

import { serve } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';

import { auditHono, auditList, auditRead } from '../../../dist/hono.js';
import { type User, userOf } from './clinic.js';
import type { OpenApplication } from './main.js';

type Environment = { Variables: { user: User } };

export const openHono: OpenApplication = async ({ patients, recording }) => {
  const app = new Hono<Environment>();
  if (recording) app.use(auditHono(recording.audit, recording.options));
  app.use(authenticate);
  if (recording?.hasReadings) {
    app.on('GET', '/api/patients/:id', auditRead(recording.audit, 'Patient'));
    app.on('GET', '/api/patients', auditList(recording.audit, 'Patient'));
  }
  app.get('/api/patients/:id', (c) => {
    const patient = patients.one(c.req.param('id'));
    if (patient === undefined) return c.notFound();
    recording?.showed.one(patient);
    return c.json(patient);
  });
  app.get('/api/patients', (c) => {
    const page = patients.page(c.req.query('page'));
    recording?.showed.page(page);
    return c.json(page);
  });
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) => resolve(port));
  });
};

const authenticate: MiddlewareHandler<Environment> = async (c, next) => {
  const user = userOf(c.req.header('authorization'));
  if (user === undefined) return c.body(null, 401);
  c.set('user', user);
  return next();
};
