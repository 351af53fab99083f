import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { watchedFramework } from './passport/framework.js';
import type { PassportInside } from './passport/inside.js';
import type { AuditPassportOptions } from './passport/options.js';
import { Telling } from './passport/telling.js';

/** An instance of Passport. */
export interface PassportLike {
  framework(framework: never): unknown;
  authenticate(...given: never[]): unknown;
}

/**
 * Records signing in by Passport and out of it: what `authenticate` finds, with or without a callback, `request.logIn`
 * and `request.logOut`. Passport's answers stay what they are. Gives Passport back.
 *
 * Passport has no plugins and no events. What it has is `passport.framework()`, by which it meets the framework it
 * works in and which every strategy of every route goes through: the trail stands there, before the one that is set.
 * Attach it before routes are made with `authenticate`.
 *
 * @example
 * ```ts
 * auditPassport(audit, passport, { findUser: (name) => users.find(({ username }) => username === name) });
 * app.post('/login', passport.authenticate('local', { session: false }), (request, response) => response.json(request.user));
 * ```
 */
export function auditPassport<C extends Catalogue, P extends PassportLike>(
  audit: Audit<C>,
  passport: P,
  options: AuditPassportOptions = {},
): P {
  const inside = passport as unknown as PassportInside;
  if (!inside._framework || typeof inside._strategy !== 'function') {
    throw new AuditError(
      'INVALID_OPTIONS',
      'auditPassport was not given an instance of Passport 0.7, such as the one of import passport from "passport".',
    );
  }
  inside.framework(watchedFramework(inside._framework, new Telling(audit, options)));
  watchingOf(audit).attached('Passport');
  return passport;
}
