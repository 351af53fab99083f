import { APIError } from 'better-auth/api';

import type { Catalogue } from '../../event/actions.js';
import { AuditError } from '../../event/errors.js';
import type { RequestInfo } from '../../event/event.js';
import type { Audit } from '../../trail/create-audit.js';
import { watchingOf } from '../../trail/door.js';
import { actorOf } from '../../trail/sign-in/auth-event.js';
import { UNRECORDED } from '../problem.js';
import { accountOf } from './account.js';
import { type AuditBetterAuthOptions, type Call, requestOf } from './call.js';

/** What an event of a call is told with: the request, where nobody else has said it. */
export interface Around {
  readonly request?: RequestInfo | undefined;
}

/** What is answered when something must not happen unrecorded, in better-auth's own form. */
export const REFUSAL: { readonly code: string; readonly message: string } = {
  code: 'NOT_RECORDED',
  message: UNRECORDED.detail,
};

/** Tells the trail what happened in a call, as whoever made it. */
export class Telling {
  readonly audit: Audit<Catalogue>;
  readonly #options: AuditBetterAuthOptions;

  constructor(audit: Audit<Catalogue>, options: AuditBetterAuthOptions) {
    this.audit = audit;
    this.#options = options;
  }

  /** Rejects, with what better-auth answers as 503, only for what fails closed and could not be recorded. */
  async tell(call: Call | undefined, record: (around: Around) => Promise<unknown>): Promise<void> {
    const { request, actor } = this.audit.context();
    const around =
      request || !isRemote(call) ? {} : { request: this.safely(() => requestOf(call, this.#options)) };
    const user = call?.context.session?.user;
    const work = (): Promise<unknown> => record(around);
    try {
      if (actor || !isRemote(call)) await work();
      else await this.audit.run({ actor: user && actorOf(accountOf(user)) }, work);
    } catch (error) {
      this.#refuseFor(error);
    }
  }

  /** What better-auth is asked on the way; when it cannot answer, the event stands without it. */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#report(error);
      return undefined;
    }
  }

  /** A trail that has been closed, which has told so itself, keeps nobody out. */
  #refuseFor(error: unknown): void {
    if (!(error instanceof AuditError)) this.#report(error);
    else if (error.code !== 'CLOSED') throw refusal(error);
  }

  #report(error: unknown): void {
    watchingOf(this.audit).report(
      AuditError.from(error, 'NOT_CAPTURED', 'An event of better-auth lacks what could not be found out'),
    );
  }
}

/** False for what the program itself asks of better-auth. */
function isRemote(call: Call | undefined): call is Call {
  return call?.request !== undefined || call?.headers !== undefined;
}

function refusal(cause: unknown): APIError {
  return new APIError('SERVICE_UNAVAILABLE', { ...REFUSAL, cause });
}
