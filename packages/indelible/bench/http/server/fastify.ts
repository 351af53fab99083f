import type { AddressInfo } from 'node:net';

import { fastify, type FastifyRequest } from 'fastify';

import { auditFastify, auditList, auditRead } from '../../../dist/fastify.js';
import { type User, userOf } from './clinic.js';
import type { OpenApplication } from './main.js';

export const openFastify: OpenApplication = async ({ patients, recording }) => {
  const app = fastify();
  if (recording) await app.register(auditFastify(recording.audit, recording.options));
  app.decorateRequest('user', undefined);
  app.addHook('onRequest', (request: FastifyRequest & { user?: User | undefined }, reply, done) => {
    request.user = userOf(request.headers.authorization);
    if (request.user === undefined) void reply.code(401).send();
    else done();
  });
  const readings = recording?.hasReadings ? recording : undefined;
  app.get<{ Params: { id: string } }>(
    '/api/patients/:id',
    readings ? auditRead(readings.audit, 'Patient') : {},
    (request, reply) => {
      const patient = patients.one(request.params.id);
      if (patient === undefined) return reply.code(404).send();
      recording?.showed.one(patient);
      return reply.send(patient);
    },
  );
  app.get<{ Querystring: { page?: string } }>(
    '/api/patients',
    readings ? auditList(readings.audit, 'Patient') : {},
    (request, reply) => {
      const page = patients.page(request.query.page);
      recording?.showed.page(page);
      return reply.send(page);
    },
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
};
