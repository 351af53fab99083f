import { setTimeout } from 'node:timers/promises';

import { type Request, type RequestHandler, Router } from 'express';
import type { EventPage } from 'indelible';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { addressOf } from '../http/page.js';
import { demand, Problem } from '../problem.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { User } from '../users/user.js';
import { filterOf, refusalOf } from './filter.js';
import { Viewings } from './viewings.js';
import { eventAnswer } from './wire.js';

const CATCH_UP_MS = 500;
const VIEWED = { action: 'AUDIT_VIEWED', source: 'read', target: { type: 'AuditEvent' } } as const;

/** The trail, for the owner. */
export function auditLogRoutes(audit: ClinicAudit): Router {
  const router = Router();
  const viewings = new Viewings();
  router.route('/api/audit/logs').get(list(audit, viewings)).all(only('GET'));
  router.route('/api/audit/logs/:id').get(read(audit, viewings)).all(only('GET'));
  return router;
}

function list(audit: ClinicAudit, viewings: Viewings): RequestHandler {
  return async (request, response) => {
    const viewer = viewerOf(request);
    const page = await find(audit, { ...request.query });
    if (viewings.begins(viewer.id, questionOf(request))) await audit.record(VIEWED);
    response.json({
      results: page.events.map(eventAnswer),
      next: page.next && addressOf(request, { cursor: page.next }),
      previous: page.previous && addressOf(request, { cursor: page.previous }),
      count: page.count,
      count_is_exact: page.countIsExact,
    });
  };
}

function read(audit: ClinicAudit, viewings: Viewings): RequestHandler {
  return async (request, response) => {
    const id = String(request.params['id']);
    const viewer = viewerOf(request);
    await catchUp(audit);
    const event = await audit.get(id);
    if (event === null) throw new Problem(404, 'There is no such event.');
    const target = { type: 'AuditEvent', id };
    if (viewings.begins(viewer.id, id)) await audit.record({ ...VIEWED, target });
    response.json(eventAnswer(event));
  };
}

function viewerOf(request: Request): User {
  const { user } = callerOf(request);
  demand(user.user_type === 'owner');
  return user;
}

async function find(audit: ClinicAudit, query: Readonly<Record<string, unknown>>): Promise<EventPage> {
  const filter = filterOf(query);
  await catchUp(audit);
  try {
    return await audit.find(filter);
  } catch (error) {
    throw refusalOf(error, query);
  }
}

/** What has just been done is on its way into the trail: a moment's wait, so that it shows at once. */
async function catchUp(audit: ClinicAudit): Promise<void> {
  await Promise.race([audit.flush(), setTimeout(CATCH_UP_MS, undefined, { ref: false })]);
}

/** Paging on is the same viewing. */
function questionOf(request: Request): string {
  const parameters = new URLSearchParams(request.url.split('?')[1]);
  parameters.delete('cursor');
  parameters.sort();
  return parameters.toString();
}
