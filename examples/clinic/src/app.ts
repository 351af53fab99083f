import express, { type Express, type RequestHandler } from 'express';
import { auditExpress, auditExpressErrors } from 'indelible/express';

import { appointmentRoutes } from './appointments/routes.js';
import type { ClinicAudit } from './audit.js';
import { auditLogRoutes } from './audit-logs/routes.js';
import type { Clinic } from './clinic.js';
import { dentalRecordRoutes } from './dental-records/routes.js';
import { tellDenials } from './http/denials.js';
import { answerErrors, explainErrors, notFound, only } from './http/errors.js';
import { tellRequestId } from './http/request-id.js';
import { invoiceRoutes } from './invoices/routes.js';
import { patientFileRoutes } from './patient-files/routes.js';
import { authenticate } from './sign-in/authenticate.js';
import { signInRoutes } from './sign-in/routes.js';
import { treatmentPlanRoutes } from './treatment-plans/routes.js';
import { userRoutes } from './users/routes.js';
import { actorOf } from './users/user.js';

/** The clinic over HTTP. Every path answers with or without its final slash. */
export function createApp(clinic: Clinic): Express {
  const { audit } = clinic;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(keepPrivate);
  app.use(watchRequests(audit));
  app.use(tellRequestId(audit));
  app.use(authenticate(clinic.sessions));
  app.use(express.json({ limit: '100kb' }));
  app
    .route('/api/health')
    .get((_request, response) => {
      response.json({ status: 'ok' });
    })
    .all(only('GET'));
  app.use(signInRoutes(clinic.signIn));
  app.use(userRoutes(audit, clinic.users, clinic.accounts));
  app.use(patientFileRoutes(audit, clinic.patientFiles));
  app.use(appointmentRoutes(audit, clinic.appointments));
  app.use(dentalRecordRoutes(audit, clinic.dentalRecords));
  app.use(treatmentPlanRoutes(audit, clinic.treatmentPlans));
  app.use(invoiceRoutes(audit, clinic.invoices));
  app.use(auditLogRoutes(audit));
  app.use(notFound);
  app.use(explainErrors, auditExpressErrors(audit), tellDenials(audit), answerErrors);
  return app;
}

/** Who sends a request is found out after this: it is asked for when an event is written. */
function watchRequests(audit: ClinicAudit): RequestHandler {
  return auditExpress(audit, {
    actor: ({ caller }) => caller && actorOf(caller.user),
    session: ({ caller }) => caller && String(caller.session.id),
    resources: { logs: 'AuditEvent' },
  });
}

/** Nothing a clinic answers belongs into a cache. */
const keepPrivate: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  next();
};
