import express, { type Express, type RequestHandler } from 'express';

import { appointmentRoutes } from './appointments/routes.js';
import { auditLogRoutes } from './audit-logs/routes.js';
import type { Clinic } from './clinic.js';
import { dentalRecordRoutes } from './dental-records/routes.js';
import { answerErrors, notFound, only } from './http/errors.js';
import { requestContext } from './http/request-context.js';
import { invoiceRoutes } from './invoices/routes.js';
import { authenticate } from './sign-in/authenticate.js';
import { signInRoutes } from './sign-in/routes.js';
import { treatmentPlanRoutes } from './treatment-plans/routes.js';
import { userRoutes } from './users/routes.js';

/** The clinic over HTTP. Every path answers with or without its final slash. */
export function createApp(clinic: Clinic): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(keepPrivate);
  app.use(requestContext(clinic.audit));
  app.use(express.json({ limit: '100kb' }));
  app.use(authenticate(clinic.sessions));
  app
    .route('/api/health')
    .get((_request, response) => {
      response.json({ status: 'ok' });
    })
    .all(only('GET'));
  app.use(signInRoutes(clinic.signIn));
  app.use(userRoutes(clinic.users, clinic.accounts));
  app.use(appointmentRoutes(clinic.appointments));
  app.use(dentalRecordRoutes(clinic.dentalRecords));
  app.use(treatmentPlanRoutes(clinic.treatmentPlans));
  app.use(invoiceRoutes(clinic.invoices));
  app.use(auditLogRoutes(clinic.audit));
  app.use(notFound);
  app.use(answerErrors(clinic.audit));
  return app;
}

/** Nothing a clinic answers belongs into a cache. */
const keepPrivate: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  next();
};
