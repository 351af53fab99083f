import type { RequestHandler } from 'express';
import { auditApi } from 'indelible/express';

import type { ClinicAudit } from './audit.js';
import { tokenOf } from './sign-in/authenticate.js';
import type { Sessions } from './sign-in/sessions.js';
import { actorOf } from './users/user.js';

/** The trail over HTTP: the owner sees all of it, everybody else what they did themselves. */
export function auditApiRoutes(audit: ClinicAudit, sessions: Sessions): RequestHandler {
  return auditApi(audit, {
    title: 'Audit trail of the clinic',
    tenants: false,
    authorize: async ({ headers }) => {
      const given = tokenOf((name) => headers.get(name) ?? undefined);
      const found = given && (await sessions.find(given.token));
      if (found === undefined) return null;
      const { id = '', username, name, email, role } = actorOf(found.user);
      const may = found.user.user_type === 'owner' ? 'all' : 'own';
      return { id, username, name, email, role, tenantId: null, may, by: given?.by };
    },
  });
}
