import express, { type Express, type RequestHandler, Router } from 'express';
import { auditExpress, auditExpressErrors } from 'indelible/express';

import { appointmentRoutes } from './appointments/routes.js';
import type { ClinicAudit } from './audit.js';
import { auditApiRoutes } from './audit-api.js';
import type { Clinic } from './clinic.js';
import { billingRoutes } from './billing/billing.js';
import { claimRoutes } from './claims/claims.js';
import { dentalRecordRoutes } from './dental-records/dental-records.js';
import { documentRoutes } from './documents/routes.js';
import { tellDenials } from './http/denials.js';
import { answerErrors, explainErrors, notFound, only } from './http/errors.js';
import { jsonBody } from './http/json-body.js';
import { tellRequestId } from './http/request-id.js';
import { intakeFormRoutes } from './intake-forms/intake-forms.js';
import { inventoryRoutes } from './inventory/inventory.js';
import { invoiceRoutes } from './invoices/routes.js';
import { locationRoutes } from './locations/locations.js';
import { patientFileRoutes } from './patient-files/routes.js';
import { profileRoutes } from './profiles/profiles.js';
import { progressNoteRoutes } from './progress-notes/progress-notes.js';
import { resourceRoutes } from './resources/resources.js';
import { serviceRoutes } from './services/services.js';
import { settingRoutes } from './settings/settings.js';
import { authenticate } from './sign-in/authenticate.js';
import { signInRoutes } from './sign-in/routes.js';
import { treatmentPlanRoutes } from './treatment-plans/treatment-plans.js';
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
  app.use(jsonBody());
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
  app.use(intakeFormRoutes(audit, clinic.intakeForms));
  app.use(documentRoutes(audit, clinic.documents));
  app.use(progressNoteRoutes(audit, clinic.progressNotes));
  app.use(billingRoutes(audit, clinic.billing));
  app.use(invoiceRoutes(audit, clinic.invoices));
  app.use(claimRoutes(audit, clinic.claims));
  app.use(practiceRoutes(clinic));
  app.use(auditApiRoutes(audit, clinic.sessions));
  app.use(notFound);
  app.use(explainErrors, auditExpressErrors(audit), tellDenials(audit), answerErrors);
  return app;
}

/** What is about the clinic itself rather than its patients. */
function practiceRoutes(clinic: Clinic): Router {
  const { audit } = clinic;
  return Router().use(
    serviceRoutes(audit, clinic.services),
    locationRoutes(audit, clinic.locations),
    inventoryRoutes(audit, clinic.inventory),
    resourceRoutes(audit, clinic.resources),
    profileRoutes(audit, clinic.profiles),
    settingRoutes(audit, clinic.settings),
  );
}

/** Who sends a request is found out after this: it is asked for when an event is written. */
function watchRequests(audit: ClinicAudit): RequestHandler {
  return auditExpress(audit, {
    actor: ({ caller }) => caller && actorOf(caller.user),
    session: ({ caller }) => caller && String(caller.session.id),
    resources: { logs: 'AuditEvent', billing: 'Billing', inventory: 'InventoryItem' },
  });
}

/** Nothing a clinic answers belongs into a cache. */
const keepPrivate: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  next();
};
