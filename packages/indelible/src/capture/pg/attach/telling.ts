import { createHash } from 'node:crypto';

import { AuditError } from '../../../event/errors.js';
import type { StatementChange } from '../../row-change.js';
import type { Told } from '../plan.js';
import { quoted, withoutNul } from './literal.js';
import type { Session } from './session.js';

/** A statement that was sent as it is and went through. */
export interface Outcome {
  readonly text: string;
  readonly context: string;
  /** How many rows its tags say it wrote; null when they say nothing. */
  readonly rows: number | null;
}

const SAVEPOINT = 'indelible_told';

/** An error when the statement must not be sent; a warning for the operator otherwise. */
export function refusalOf(session: Session, plan: Told, text: string): AuditError | undefined {
  const { capturing } = session.database;
  const what = `${plan.verb}${plan.models.length > 0 ? ` on ${plan.models.join(', ')}` : ''}`;
  const models = plan.models.length > 0 ? plan.models : [undefined];
  if (models.some((model) => session.isClosed(model)))
    return new AuditError(
      'UNSUPPORTED_STATEMENT',
      `This ${what} was not sent, since its changes cannot be captured row by row: ${plan.reason} ` +
        "Write it as single INSERT, UPDATE or DELETE statements, or allow it with onUnsupported: 'record'.",
    );
  capturing.warn(
    `A statement is recorded as a whole and not row by row: ${what}, fingerprint ${fingerprintOf(text).slice(0, 12)}. ${plan.reason}`,
  );
  return undefined;
}

/** Writes into the outbox that a statement went through, in its transaction, and then calls back. */
export function tell(session: Session, plan: Told, outcome: Outcome, callback: () => void): void {
  const change: StatementChange = {
    op: 'STATEMENT',
    models: plan.models,
    verb: plan.verb,
    fingerprint: fingerprintOf(outcome.text),
    rows: outcome.rows,
    reason: plan.reason,
  };
  const body = JSON.stringify(change);
  const way = session.status === 'T' ? tellInTransaction : tellAlone;
  session.telling((onTold) => way(session, outcome.context, body, onTold), callback);
}

function tellAlone(session: Session, context: string, body: string, callback: () => void): void {
  const { put } = session.database;
  if (put === undefined) return lose(session, session.database.problem, callback);
  const query = { text: `SELECT ${put}($1, $2::text[])`, values: [withoutNul(context), [body]] };
  session.sendNext(
    new session.Query(query, undefined, (error: unknown) => {
      if (error) return lose(session, error, callback);
      session.wrote();
      callback();
    }),
  );
}

/** A savepoint keeps the application's transaction whole when the outbox has gone. */
function tellInTransaction(session: Session, context: string, body: string, callback: () => void): void {
  const { put } = session.database;
  if (put === undefined) return lose(session, session.database.problem, callback);
  const call = `SELECT ${put}(${quoted(context)}, ARRAY[${quoted(body)}]::text[])`;
  const text = `SAVEPOINT ${SAVEPOINT}; ${call}; RELEASE SAVEPOINT ${SAVEPOINT}`;
  session.sendNext(
    new session.Query({ text }, undefined, (error: unknown) => {
      if (error) return rollBack(session, error, callback);
      session.wrote();
      callback();
    }),
  );
}

function rollBack(session: Session, cause: unknown, callback: () => void): void {
  const text = `ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}`;
  session.sendNext(new session.Query({ text }, undefined, () => lose(session, cause, callback)));
}

function lose(session: Session, cause: unknown, callback: () => void): void {
  session.database.capturing.lost(
    AuditError.from(cause, 'OUTBOX_UNAVAILABLE', 'A statement could not be written to the outbox'),
  );
  callback();
}

function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
