import { createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';

/**
 * Run as a process of its own by a test, which ends it: so many failed sign-ins of one address, then a word on
 * standard output. Its arguments are the file of the store, the folder of the spool, and how many.
 */
const [file = '', dir = '', attempts = '0'] = process.argv.slice(2);
const audit = createAudit({ store: createSqliteStore({ path: file }), spool: { dir }, log: () => undefined });

process.on('SIGTERM', () => void audit.close().then(() => process.exit(0)));

await audit.run({ request: { ip: '192.0.2.1' } }, async () => {
  for (let n = 0; n < Number(attempts); n += 1) await audit.auth.loginFailed({ why: 'wrong_password' });
});
process.stdout.write('done\n');
// The clock of a flood keeps no process alive.
setInterval(() => undefined, 1_000);
