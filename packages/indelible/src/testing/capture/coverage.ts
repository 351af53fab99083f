import type { ClinicAction } from './clinic-orm.js';
import type { Outcome } from './scenario.js';

/** How much of what an ORM did was told, over all scenarios. */
export interface Coverage {
  readonly rows: number;
  readonly exact: number;
  readonly reported: number;
  readonly missed: number;
  readonly wrong: number;
  /** How many statements were sent with capture, and without; what a new connection is greeted with is left out. */
  readonly statements: number;
  readonly plainStatements: number;
  /** What the ORM has no API for, with the reasons. */
  readonly lacks: Readonly<Partial<Record<ClinicAction, string>>>;
}

export function coverageOf(outcomes: readonly Outcome[], lacks: Coverage['lacks']): Coverage {
  const sum = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    rows: sum(({ account }) => account.rows),
    exact: sum(({ account }) => account.exact),
    reported: sum(({ account }) => account.reported),
    missed: sum(({ account }) => account.missed.length),
    wrong: sum(({ account }) => account.wrong.length + account.false.length),
    statements: sum(({ sent }) => sent.statements.length - sent.connections),
    plainStatements: sum(({ plainSent }) => plainSent.statements.length),
    lacks,
  };
}
