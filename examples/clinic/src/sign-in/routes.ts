import { type RequestHandler, Router } from 'express';
import { z } from 'zod';

import { only } from '../http/errors.js';
import { bodyOf } from '../http/input.js';
import { Registration } from '../users/input.js';
import { userAnswer } from '../users/user.js';
import { callerOf } from './authenticate.js';
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
    response.json(answer(await signIn.logIn(username, password)));
  };
}

function logOut(signIn: SignIn): RequestHandler {
  return (request, response) => {
    const { user, session } = callerOf(request, 'LOGOUT');
    signIn.logOut(user, session);
    response.status(204).end();
  };
}

function refresh(signIn: SignIn): RequestHandler {
  return (request, response) => {
    const { user, session } = callerOf(request, 'TOKEN_REFRESH');
    response.json(answer(signIn.refresh(user, session)));
  };
}

function register(signIn: SignIn): RequestHandler {
  return async (request, response) => {
    response.status(201).json(answer(await signIn.register(bodyOf(Registration, request))));
  };
}

function answer({ token, user }: SignedIn): object {
  return { token, user: userAnswer(user) };
}
