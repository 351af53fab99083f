import { type RequestHandler, Router } from 'express';
import { auditList, auditRead } from 'indelible/express';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import { NewTreatmentPlan, TreatmentPlanChanges, TreatmentPlanFilter } from './input.js';
import { planAnswer } from './treatment-plan.js';
import type { TreatmentPlans } from './treatment-plans.js';

const Query = TreatmentPlanFilter.extend(paging);

export function treatmentPlanRoutes(audit: ClinicAudit, plans: TreatmentPlans): Router {
  const router = Router();
  router
    .route('/api/treatment-plans')
    .get(auditList(audit, 'TreatmentPlan'), list(plans))
    .post(propose(plans))
    .all(only('GET', 'POST'));
  router
    .route('/api/treatment-plans/:id')
    .get(auditRead(audit, 'TreatmentPlan'), read(plans))
    .patch(update(plans))
    .delete(remove(plans))
    .all(only('GET', 'PATCH', 'DELETE'));
  return router;
}

function list(plans: TreatmentPlans): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const { page, ...asked } = Query.parse({ ...request.query });
    const found = plans.list(user, asked, sliceOf(page));
    response.json(pageAnswer(request, page, found, planAnswer));
  };
}

function propose(plans: TreatmentPlans): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.status(201).json(planAnswer(plans.propose(user, bodyOf(NewTreatmentPlan, request))));
  };
}

function read(plans: TreatmentPlans): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(planAnswer(plans.read(user, idOf(request))));
  };
}

function update(plans: TreatmentPlans): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const changed = plans.update(user, idOf(request), bodyOf(TreatmentPlanChanges, request));
    response.json(planAnswer(changed));
  };
}

function remove(plans: TreatmentPlans): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    plans.remove(user, idOf(request));
    response.status(204).end();
  };
}
