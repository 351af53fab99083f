import { pipeline } from 'node:stream/promises';

import { type RequestHandler, Router } from 'express';
import { auditDownload } from 'indelible/express';

import type { ClinicAudit } from '../audit.js';
import { collectionRoutes } from '../collections/routes.js';
import { only } from '../http/errors.js';
import { idOf } from '../http/input.js';
import { Problem } from '../problem.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { Document } from './document.js';
import type { Documents } from './documents.js';
import { filter, inputs, Upload } from './input.js';

export function documentRoutes(audit: ClinicAudit, documents: Documents): Router {
  const router = Router();
  router.use(collectionRoutes(audit, 'documents', documents, { inputs, filter, create: upload(documents) }));
  router
    .route('/api/documents/:id/download')
    .get(auditDownload(audit, 'Document'), download(audit, documents))
    .all(only('GET'));
  return router;
}

/** The body is the file itself; whose it is, and what, stands in the address. */
function upload(documents: Documents): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const patient = Number(request.query['patient']);
    await documents.mayCreate(user, Number.isInteger(patient) ? { patient } : {});
    const content_type = request.get('content-type') ?? 'application/octet-stream';
    if (request.is('multipart/*')) throw new Problem(415, 'Send the file itself as the body, not a form.');
    const input = { ...Upload.parse({ ...request.query }), content_type };
    response.status(201).json(documents.answer(await documents.upload(user, input, request)));
  };
}

/** Of a stream its route sees no record. It is told here, and made one event with what the route tells. */
function download(audit: ClinicAudit, documents: Documents): RequestHandler {
  const handOut = audit.wrap((document: Document) => document, {
    action: 'DOWNLOAD',
    model: 'Document',
    id: ({ id }) => id,
  });
  return async (request, response) => {
    const { user } = callerOf(request);
    const { document, content } = await documents.open(user, idOf(request));
    await handOut(document);
    response.attachment(document.filename).type(document.content_type);
    response.set('Content-Length', String(document.size));
    await pipeline(content, response);
  };
}
