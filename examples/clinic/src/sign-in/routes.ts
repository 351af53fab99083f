import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';

import { only } from '../http/errors.js';
import { bodyOf } from '../http/input.js';
import { Registration } from '../users/input.js';
import { userAnswer } from '../users/user.js';
import { callerOf } from './authenticate.js';
import { clearCookie, setCookie } from './cookie.js';
import type { SignedIn, SignIn } from './sign-in.js';

const Credentials = z.strictObject({ username: z.string().max(150), password: z.string().max(200) });

export function signInRoutes(signIn: SignIn): Router {
  const router = Router();
  router.route('/api/login').post(logIn(signIn)).all(only('POST'));
  router.route('/api/logout').post(logOut(signIn)).all(only('POST'));
  router.route('/api/token/refresh').post(refresh(signIn)).all(only('POST'));
  router.route('/api/register').post(register(signIn)).all(only('POST'));
  return router;
}

function logIn(signIn: SignIn): RequestHandler {
  return async (request, response) => {
    const { username, password } = bodyOf(Credentials, request);
    enter(request, response, await signIn.logIn(username, password));
  };
}

function logOut(signIn: SignIn): RequestHandler {
  return async (request, response) => {
    const { user, session } = callerOf(request, 'LOGOUT');
    await signIn.logOut(user, session);
    clearCookie(request, response);
    response.status(204).end();
  };
}

function refresh(signIn: SignIn): RequestHandler {
  return async (request, response) => {
    const { user, session } = callerOf(request, 'TOKEN_REFRESH');
    enter(request, response, await signIn.refresh(user, session));
  };
}

function register(signIn: SignIn): RequestHandler {
  return async (request, response) => {
    enter(request, response.status(201), await signIn.register(bodyOf(Registration, request)));
  };
}

/** The token for a program, and as a cookie for the pages of the clinic. */
function enter(request: Request, response: Response, { token, user }: SignedIn): void {
  setCookie(request, response, token);
  response.json({ token, user: userAnswer(user) });
}
