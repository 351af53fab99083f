import { expect } from 'vitest';

import { captureContract } from '../../src/testing/capture/capture-contract.js';
import type { ClinicBinding, ClinicDatabase } from '../../src/testing/capture/clinic-orm.js';
import type { ClinicHome } from '../../src/testing/capture/clinic-set-up.js';
import type { TestRunner } from '../../src/testing/store-contract.js';
import { postgresServers } from '../servers/postgres.js';
import { committedLine, type Covered, lineOf, report } from './coverage-table.js';
import { openPostgresHome } from './postgres-home.js';
import { openSqliteHome } from './sqlite-home.js';

const CHANGES = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 10_000 : 500;

/** Runs the capture contract over an ORM, on every database that it has a binding for. */
export function holdToContract(binding: ClinicBinding, runner: TestRunner): void {
  const { name, databases } = binding;
  const hold = (database: ClinicDatabase, where: string, openHome: () => Promise<ClinicHome>): void => {
    const onCovered = (coverage: Covered['coverage']): void =>
      expectCommitted({ orm: name, database: where, coverage });
    const setUp = { binding, database, openHome, changes: CHANGES, onCovered };
    captureContract(`${name} on ${where}`, setUp, runner);
  };
  if (databases.includes('postgres')) {
    for (const server of postgresServers())
      hold('postgres', `PostgreSQL ${server.major}`, () => openPostgresHome(server));
  }
  if (databases.includes('sqlite')) hold('sqlite', 'SQLite', openSqliteHome);
}

/** The versions the table is made with; another one must meet the contract, and has no line in it. */
const IN_THE_TABLE = new Set(['PostgreSQL 15', 'PostgreSQL 18', 'SQLite']);

/** What was measured just now stands in docs/capture.md, word for word. */
function expectCommitted(covered: Covered): void {
  if (!IN_THE_TABLE.has(covered.database)) return;
  report(covered);
  expect(
    committedLine(covered),
    'docs/capture.md says something else: run "npx tsx packages/indelible/test/orms/coverage.ts"',
  ).toBe(lineOf(covered));
}
