import { Attempt } from './attempt.js';
import type { Framework, Middleware, PassportInside, StrategyLike } from './inside.js';
import type { Telling } from './telling.js';
import { Visits } from './visits.js';

/** The framework of Passport that each audited one stands before. */
const originals = new WeakMap<Framework, Framework>();

/** The framework that Passport works in, watched. Attached anew, as by a hot reload, it is watched once. */
export function watchedFramework(found: Framework, telling: Telling): Framework {
  const original = originals.get(found) ?? found;
  const visits = new Visits(telling);
  const framework: Framework = {
    initialize: (passport, options) => {
      const initialize = original.initialize(passport, options);
      return (request, response, next) =>
        initialize(request, response, (error) => {
          visits.watch(request);
          if (error === undefined) next();
          else next(error);
        });
    },
    authenticate: (passport, name, options, callback) => {
      const authenticate = (names: unknown): Middleware =>
        original.authenticate(passport, names, options, callback);
      // An account that somebody adds to the one he is signed in with is no sign-in.
      if (Reflect.get(Object(options), 'assignProperty') !== undefined) return authenticate(name);
      return (request, response, next) => {
        const names: unknown[] = [name].flat();
        const attempt = new Attempt(telling, visits, names.length);
        const layers = names.map((one) => layerOf(one, passport, attempt));
        return authenticate(Array.isArray(name) ? layers : layers[0])(request, response, next);
      };
    },
    authorize: (...given) =>
      original.authorize ? original.authorize(...given) : original.authenticate(...given),
  };
  originals.set(framework, original);
  return framework;
}

/** As Passport itself does it, a strategy is used by a copy of its own for each request. Unknown names are left to it. */
function layerOf(name: unknown, passport: PassportInside, attempt: Attempt): unknown {
  const isStrategy = typeof Reflect.get(Object(name), 'authenticate') === 'function';
  if (isStrategy) return attempt.layerFor(name as StrategyLike);
  const strategy = passport._strategy(String(name));
  return strategy === undefined ? name : attempt.layerFor(Object.create(strategy) as StrategyLike);
}
