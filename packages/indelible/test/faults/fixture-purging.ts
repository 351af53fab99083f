import { SubjectErasure } from '../../src/erasure/subject-erasure.js';
import { createAudit } from '../../src/index.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { TrailRetention } from '../../src/retention/trail-retention.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { dieAt } from '../../src/stores/failpoints.js';
import { partsOf } from '../retention/bed.js';
import { type PurgingTask, WHY } from './purging-task.js';

/** Run as a process of its own by a test: removes, dies where it is told to, and else says how many it has removed. */
await live(JSON.parse(process.argv[2] ?? '{}') as PurgingTask);

async function live({ path, kind, key, batchSize, ...task }: PurgingTask): Promise<void> {
  const store = createSqliteStore({ path });
  const audit = createAudit({ store, spool: false, seal: { key }, log: () => undefined });
  await audit.ready();
  await audit.seal();
  const parts = partsOf(audit, store, SigningKey.parse(key));
  process.stdout.write('ready\n');
  if (task.dieAt !== undefined) dieAt(task.dieAt);
  const removed =
    kind === 'purge'
      ? (await new TrailRetention(parts).purge({ batchSize })).removed
      : (await new SubjectErasure(parts).erase('42', { ...WHY, batchSize })).erased;
  process.stdout.write(`removed ${removed}\n`);
  await audit.close();
}
