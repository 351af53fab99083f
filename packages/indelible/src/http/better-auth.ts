import type { BetterAuthOptions, BetterAuthPlugin } from 'better-auth';
import { createAuthMiddleware } from 'better-auth/api';

import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { type AuditBetterAuthOptions, type Call, textIn } from './better-auth/call.js';
import { Endings } from './better-auth/endings.js';
import { Moments } from './better-auth/moment.js';
import { Rows } from './better-auth/rows.js';
import { REFUSAL, Telling } from './better-auth/telling.js';
import { UNRECORDED } from './problem.js';

/** A plugin of better-auth. */
export type BetterAuthPluginLike = Pick<BetterAuthPlugin, 'init' | 'hooks'> & { readonly id: 'indelible' };

/**
 * The plugin that records signing in by better-auth, and out of it, and whatever becomes of accounts, passwords and
 * sessions. Put it last, so that it sees what the other plugins have made of a call.
 *
 * @example
 * ```ts
 * const auth = betterAuth({
 *   database: new Database(':memory:'),
 *   emailAndPassword: { enabled: true },
 *   plugins: [auditBetterAuth(audit)],
 * });
 * ```
 */
export function auditBetterAuth<C extends Catalogue>(
  audit: Audit<C>,
  options: AuditBetterAuthOptions = {},
): BetterAuthPluginLike {
  const telling = new Telling(audit, options);
  const moments = new Moments();
  const [endings, rows] = [new Endings(telling, moments), new Rows(telling, moments)];
  watchingOf(audit).attached('better-auth');
  return {
    id: 'indelible',
    init: () => ({ options: { databaseHooks: hooksOf(rows) } }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => path === '/reset-password',
          handler: createAuthMiddleware(async (call) => learnReset(call, telling, moments)),
        },
      ],
      after: [
        {
          matcher: (call) => endings.concerns(call),
          handler: createAuthMiddleware(async (call) => orRefuse(call, endings.tell(call))),
        },
      ],
    },
  };
}

/** An error from here would leave with the status of the answer it replaces. */
async function orRefuse({ request }: Call, told: Promise<void>): Promise<Response | undefined> {
  try {
    await told;
    return undefined;
  } catch (error) {
    if (request === undefined) throw error;
    return Response.json(REFUSAL, { status: UNRECORDED.status });
  }
}

/** Whose password a token resets is known until it is used. */
async function learnReset(call: Call, telling: Telling, moments: Moments): Promise<void> {
  const token = textIn(call.body, 'token') ?? textIn(call.query, 'token');
  if (token === undefined) return;
  const { internalAdapter } = call.context;
  const found = await telling.ask(() => internalAdapter.findVerificationValue(`reset-password:${token}`));
  moments.of(call).resetFor = found?.value;
}

function hooksOf(rows: Rows): NonNullable<BetterAuthOptions['databaseHooks']> {
  return {
    user: {
      create: { after: (row, call) => rows.userMade(row, call) },
      update: {
        before: (row, call) => rows.writes('user', row, call),
        after: (row, call) => rows.userWritten(row, call),
      },
      delete: { after: (row, call) => rows.userRemoved(row, call) },
    },
    session: {
      create: { after: (row, call) => rows.sessionBegun(row, call) },
      update: {
        before: (row, call) => rows.writes('session', row, call),
        after: (row, call) => rows.sessionWritten(row, call),
      },
      delete: { after: (row, call) => rows.sessionEnded(row, call) },
    },
    account: {
      create: { after: (row, call) => rows.accountMade(row, call) },
      update: {
        before: (row, call) => rows.writes('account', row, call),
        after: (row, call) => rows.accountWritten(row, call),
      },
    },
  };
}
