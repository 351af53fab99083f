import { type RequestHandler, Router } from 'express';
import { auditList, auditRead } from 'indelible/express';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import { dentalRecordAnswer } from './dental-record.js';
import type { DentalRecords } from './dental-records.js';
import { DentalRecordChanges, DentalRecordFilter, NewDentalRecord } from './input.js';

const Query = DentalRecordFilter.extend(paging);

export function dentalRecordRoutes(audit: ClinicAudit, records: DentalRecords): Router {
  const router = Router();
  router
    .route('/api/dental-records')
    .get(auditList(audit, 'DentalRecord'), list(records))
    .post(write(records))
    .all(only('GET', 'POST'));
  router
    .route('/api/dental-records/:id')
    .get(auditRead(audit, 'DentalRecord'), read(records))
    .patch(update(records))
    .delete(remove(records))
    .all(only('GET', 'PATCH', 'DELETE'));
  return router;
}

function list(records: DentalRecords): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const { page, ...asked } = Query.parse({ ...request.query });
    const found = records.list(user, asked, sliceOf(page));
    response.json(pageAnswer(request, page, found, dentalRecordAnswer));
  };
}

function write(records: DentalRecords): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const written = records.write(user, bodyOf(NewDentalRecord, request));
    response.status(201).json(dentalRecordAnswer(written));
  };
}

function read(records: DentalRecords): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(dentalRecordAnswer(records.read(user, idOf(request))));
  };
}

function update(records: DentalRecords): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const changed = records.update(user, idOf(request), bodyOf(DentalRecordChanges, request));
    response.json(dentalRecordAnswer(changed));
  };
}

function remove(records: DentalRecords): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    records.remove(user, idOf(request));
    response.status(204).end();
  };
}
