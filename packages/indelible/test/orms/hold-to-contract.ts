import { captureContract } from '../../src/testing/capture/capture-contract.js';
import type { ClinicBinding } from '../../src/testing/capture/clinic-orm.js';
import type { TestRunner } from '../../src/testing/store-contract.js';
import { postgresServers } from '../servers/postgres.js';
import { openPostgresHome } from './postgres-home.js';
import { openSqliteHome } from './sqlite-home.js';

/** Runs the capture contract over an ORM, on every database that it has a binding for. */
export function holdToContract(binding: ClinicBinding, runner: TestRunner): void {
  const { name, databases } = binding;
  if (databases.includes('postgres')) {
    for (const server of postgresServers()) {
      const openHome = () => openPostgresHome(server);
      captureContract(
        `${name} on ${server.name}`,
        { binding, database: 'postgres', openHome },
        undefined,
        runner,
      );
    }
  }
  if (databases.includes('sqlite')) {
    const setUp = { binding, database: 'sqlite', openHome: openSqliteHome } as const;
    captureContract(`${name} on SQLite`, setUp, undefined, runner);
  }
}
