import { type RequestHandler, Router } from 'express';
import { auditList, auditRead } from 'indelible/express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { actionRoute } from '../collections/routes.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { Accounts } from './accounts.js';
import { NewUser, PasswordChange, RoleChange, UserChanges, UserReplacement } from './input.js';
import { ROLES, USER_TYPES, userAnswer } from './user.js';
import type { Users } from './users.js';

const Query = z.strictObject({
  ...paging,
  user_type: z.enum(USER_TYPES).optional(),
  role: z.enum(ROLES).optional(),
  search: z.string().trim().min(1).max(100).optional(),
});

export function userRoutes(audit: ClinicAudit, users: Users, accounts: Accounts): Router {
  const router = Router();
  router
    .route('/api/users')
    .get(auditList(audit, 'User'), list(users))
    .post(create(users))
    .all(only('GET', 'POST'));
  router
    .route('/api/users/:id')
    .get(auditRead(audit, 'User'), read(users))
    .patch(update(users, UserChanges))
    .put(update(users, UserReplacement))
    .delete(remove(users))
    .all(only('GET', 'PATCH', 'PUT', 'DELETE'));
  router.use(accountRoutes(accounts));
  router.route('/api/users/:id/change_password').post(changePassword(accounts)).all(only('POST'));
  return router;
}

function accountRoutes(accounts: Accounts): Router {
  const router = Router();
  router.use(
    actionRoute('/api/users/:id/change_role', async (request) => {
      const { user } = callerOf(request);
      const ask = (): z.infer<typeof RoleChange> => bodyOf(RoleChange, request);
      return userAnswer(await accounts.changeRole(user, idOf(request), ask));
    }),
  );
  for (const [path, isActive] of [
    ['activate', true],
    ['deactivate', false],
  ] as const) {
    router.use(
      actionRoute(`/api/users/:id/${path}`, async (request) => {
        const { user } = callerOf(request);
        return userAnswer(await accounts.setActive(user, idOf(request), isActive));
      }),
    );
  }
  router.use(
    actionRoute('/api/users/:id/verify_email', async (request) => {
      const { user } = callerOf(request);
      return userAnswer(await accounts.verifyEmail(user, idOf(request)));
    }),
  );
  return router;
}

function list(users: Users): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const { page, ...where } = Query.parse({ ...request.query });
    const found = await users.list(user, where, sliceOf(page));
    response.json(pageAnswer(request, page, found, userAnswer));
  };
}

function create(users: Users): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    users.mayCreate(user);
    response.status(201).json(userAnswer(await users.create(user, bodyOf(NewUser, request))));
  };
}

function read(users: Users): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    response.json(userAnswer(await users.read(user, idOf(request))));
  };
}

function update(users: Users, schema: typeof UserChanges | typeof UserReplacement): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const ask = (): UserChanges => bodyOf(schema, request);
    response.json(userAnswer(await users.update(user, idOf(request), ask)));
  };
}

function remove(users: Users): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    await users.remove(user, idOf(request));
    response.status(204).end();
  };
}

function changePassword(accounts: Accounts): RequestHandler {
  return async (request, response) => {
    const { user, session } = callerOf(request);
    const ask = (): PasswordChange => bodyOf(PasswordChange, request);
    await accounts.changePassword(user, session, idOf(request), ask);
    response.status(204).end();
  };
}
