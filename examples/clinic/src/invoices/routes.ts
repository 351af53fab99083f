import { type RequestHandler, Router } from 'express';
import { auditList, auditRead } from 'indelible/express';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import { InvoiceChanges, InvoiceFilter, NewInvoice, NewPayment, Refund } from './input.js';
import { invoiceAnswer } from './invoice.js';
import type { Invoices } from './invoices.js';

const Query = InvoiceFilter.extend(paging);
/** The patient of an invoice is that of its appointment: the table does not say it, the answer does. */
const ABOUT_PATIENT = { subject: ({ patient }: Readonly<Record<string, unknown>>) => patient };

export function invoiceRoutes(audit: ClinicAudit, invoices: Invoices): Router {
  const router = Router();
  router
    .route('/api/invoices')
    .get(auditList(audit, 'Invoice', ABOUT_PATIENT), list(invoices))
    .post(draw(invoices))
    .all(only('GET', 'POST'));
  router
    .route('/api/invoices/:id')
    .get(auditRead(audit, 'Invoice', ABOUT_PATIENT), read(invoices))
    .patch(update(invoices))
    .delete(remove(invoices))
    .all(only('GET', 'PATCH', 'DELETE'));
  router.route('/api/invoices/:id/pay').post(pay(invoices)).all(only('POST'));
  router.route('/api/invoices/:id/refund').post(refund(invoices)).all(only('POST'));
  return router;
}

function list(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const { page, ...asked } = Query.parse({ ...request.query });
    const found = invoices.list(user, asked, sliceOf(page));
    response.json(pageAnswer(request, page, found, invoiceAnswer));
  };
}

function draw(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.status(201).json(invoiceAnswer(invoices.draw(user, bodyOf(NewInvoice, request))));
  };
}

function read(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(invoiceAnswer(invoices.read(user, idOf(request))));
  };
}

function update(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(invoiceAnswer(invoices.update(user, idOf(request), bodyOf(InvoiceChanges, request))));
  };
}

function remove(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    invoices.remove(user, idOf(request));
    response.status(204).end();
  };
}

function pay(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(invoiceAnswer(invoices.pay(user, idOf(request), bodyOf(NewPayment, request))));
  };
}

function refund(invoices: Invoices): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(invoiceAnswer(invoices.refund(user, idOf(request), bodyOf(Refund, request))));
  };
}
