import type { AuditEvent } from '../../event/event.js';
import type { AuditError } from '../../event/errors.js';
import type { Shown } from './answers.js';
import type {
  ClinicAction,
  ClinicActions,
  ClinicDatabase,
  ClinicTransaction,
  ClinicWork,
  OpenClinic,
} from './clinic-orm.js';
import type { Account } from './compare.js';
import type { TruthRow } from './truth.js';
import type { Sent } from './wire-counter.js';

/** Something that is done to the clinic's records, once with capture and once without. */
export interface Scenario {
  readonly title: string;
  readonly uses: readonly ClinicAction[];
  readonly databases: readonly ClinicDatabase[];
  /** True where a STATEMENT event may stand for the rows on PostgreSQL. */
  readonly mayBeReported: boolean;
  /** False where the database's own triggers do not see all, so that `check` must look by itself. */
  readonly isCompared: boolean;
  /** False for one whose many rows would drown those of all others in a share. */
  readonly isCounted: boolean;
  run(clinic: OpenClinic, database: ClinicDatabase): unknown;
  /** What must hold besides that all is exact. Throws when it does not. */
  check(outcome: Outcome): void;
}

/** What came of a scenario. */
export interface Outcome {
  readonly database: ClinicDatabase;
  /** What the ORM answered with capture, and what without. */
  readonly answers: Shown;
  readonly plainAnswers: Shown;
  /** What happened to rows, with capture and without. */
  readonly truth: readonly TruthRow[];
  readonly plainTruth: readonly TruthRow[];
  readonly events: readonly AuditEvent[];
  readonly account: Account;
  /** What the trail reported to `onError` meanwhile. */
  readonly errors: readonly AuditError[];
  /** What was sent to the server, with capture and without; nothing on SQLite, which has none. */
  readonly sent: Sent;
  readonly plainSent: Sent;
}

type Actions<U extends ClinicAction> = Pick<ClinicActions, U & keyof ClinicActions>;
type Step<U extends ClinicAction> = (actions: Actions<U>, tx: ClinicTransaction) => unknown;

/** What a scenario works with. */
export interface Clinic<U extends ClinicAction> {
  readonly actions: Actions<U>;
  readonly database: ClinicDatabase;
  /** Runs the steps in one transaction. */
  readonly inTransaction: (
    end: ClinicWork['end'],
    steps: readonly Step<U>[],
    more?: Pick<ClinicWork, 'isTogether' | 'isolation'>,
  ) => Promise<readonly unknown[]>;
  /** Runs the steps in a savepoint of a transaction. */
  readonly inSavepoint: (tx: ClinicTransaction, end: ClinicWork['end'], steps: readonly Step<U>[]) => unknown;
}

type More = Partial<Pick<Scenario, 'databases' | 'mayBeReported' | 'isCompared' | 'isCounted' | 'check'>>;

/** A scenario whose actions are those it names: an ORM that lacks one of them is not asked for it. */
export function scenario<const U extends ClinicAction>(
  title: string,
  uses: readonly U[],
  run: (clinic: Clinic<U>) => unknown,
  more: More = {},
): Scenario {
  return {
    title,
    uses,
    databases: ['postgres', 'sqlite'],
    mayBeReported: false,
    isCompared: true,
    isCounted: true,
    check: () => undefined,
    ...more,
    run: (open, database) => run(clinicOf(open, database)),
  };
}

function clinicOf<U extends ClinicAction>(open: OpenClinic, database: ClinicDatabase): Clinic<U> {
  return {
    actions: open.actions as Actions<U>,
    database,
    inTransaction: (end, steps, more) => open.transaction({ end, steps: steps.map(stepOf), ...more }),
    inSavepoint: (tx, end, steps) => {
      if (tx.savepoint === undefined)
        throw new Error('The binding lacks savepoints and does not declare it.');
      return tx.savepoint({ end, steps: steps.map(stepOf) });
    },
  };
}

function stepOf<U extends ClinicAction>(step: Step<U>): (tx: ClinicTransaction) => unknown {
  return (tx) => step(tx.actions as Actions<U>, tx);
}

/** What an action that fails threw, as an answer like any other. */
export async function failureOf(act: () => unknown): Promise<unknown> {
  try {
    return { unexpected: await act() };
  } catch (error) {
    return error;
  }
}
