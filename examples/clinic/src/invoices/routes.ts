import { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { actionRoute, collectionRoutes } from '../collections/routes.js';
import { bodyOf, idOf } from '../http/input.js';
import { callerOf } from '../sign-in/authenticate.js';
import { filter, inputs, NewPayment, Refund } from './input.js';
import type { Invoices } from './invoices.js';

/** The patient of an invoice is that of its appointment: the table does not say it, the answer does. */
const ABOUT_PATIENT = { subject: ({ patient }: Readonly<Record<string, unknown>>) => patient };

export function invoiceRoutes(audit: ClinicAudit, invoices: Invoices): Router {
  const router = Router();
  router.use(collectionRoutes(audit, 'invoices', invoices, { inputs, filter, reading: ABOUT_PATIENT }));
  router.use(
    actionRoute('/api/invoices/:id/pay', async (request) => {
      const { user } = callerOf(request);
      const id = await invoices.mayUpdate(user, idOf(request));
      return invoices.answer(await invoices.pay(user, id, bodyOf(NewPayment, request)));
    }),
  );
  router.use(
    actionRoute('/api/invoices/:id/refund', async (request) => {
      const { user } = callerOf(request);
      const id = await invoices.mayUpdate(user, idOf(request));
      return invoices.answer(await invoices.refund(user, id, bodyOf(Refund, request)));
    }),
  );
  return router;
}
