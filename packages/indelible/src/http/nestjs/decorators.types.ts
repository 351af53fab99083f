/** Compiled, never run: each `@ts-expect-error` is a mistake that must not compile. */
import type { FastifyRequest } from 'fastify';

import { action } from '../../event/actions.js';
import { createMemoryStore } from '../../memory.js';
import { createAudit } from '../../trail/create-audit.js';
import { auditNest } from './audit-nest.js';
import { AuditRead, AuditSensitive } from './decorators.js';

const actions = { APPROVED: action() };
const audit = createAudit({ store: createMemoryStore(), actions });

export const RIGHT = [
  AuditRead('Patient', { id: (request) => request.params['id'], requireReason: true }),
  AuditRead('Patient', { id: (request: FastifyRequest) => request.routeOptions.url }),
  AuditSensitive('PRINT', { model: 'Patient' }),
  AuditSensitive<typeof actions>('APPROVED', { model: 'Claim' }),
  auditNest(audit),
  auditNest(audit, { tenant: (request) => request.hostname }),
  auditNest(audit, { tenant: (request: FastifyRequest) => request.routeOptions.url, enabled: true }),
];

export const WRONG = [
  // @ts-expect-error An action that no catalogue has.
  AuditSensitive('APPROVED'),
  // @ts-expect-error A misspelt action.
  AuditSensitive<typeof actions>('APROVED'),
  // @ts-expect-error There is no such option.
  AuditRead('Patient', { needsReason: true }),
  // @ts-expect-error No such member of what both platforms have.
  auditNest(audit, { tenant: (request) => request.routeOptions.url }),
];
