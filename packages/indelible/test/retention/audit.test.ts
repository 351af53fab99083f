import path from 'node:path';

import { afterAll, expect, it } from 'vitest';

import { createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { idAt, someEntry } from '../entries.js';
import { removeTemporaryFolders, temporaryFolder } from '../test-trail.js';
import { backdate, daysAgo, KEY } from './bed.js';

afterAll(removeTemporaryFolders);

it('P34 P39: a trail is cleaned up and a person erased by what users hold, and it verifies', async () => {
  const file = path.join(temporaryFolder(), 'audit.db');
  const store = createSqliteStore({ path: file });
  await store.migrate();
  const at = daysAgo(31);
  const old = [undefined, undefined, undefined, '42'].map((subject_id, n) =>
    someEntry({ core: { id: idAt(new Date(at).toISOString(), n), subject_id } }),
  );
  await store.append(old);
  backdate(
    file,
    old.map(({ core }) => [core.id, at]),
  );
  const retention = { days: 30, floor: { withSubject: 60 } };
  const audit = createAudit({ store, retention, spool: false, seal: { key: KEY }, log: () => undefined });
  await audit.seal();
  expect(await audit.retention.preview()).toMatchObject({
    count: 3,
    keptByFloor: 1,
    cutOff: new Date(daysAgo(30)).toISOString(),
  });
  expect(await audit.retention.purge()).toMatchObject({ removed: 3, isDone: true });
  const why = { reason: 'asked for by the person', request: 'GDPR-2026-014' };
  expect(await audit.eraseSubject('42', why)).toMatchObject({ erased: 1, isDone: true });
  await audit.seal();
  const found = await verifyTrail(store, { keys: [KEY.verifierKey] });
  expect(found).toMatchObject({ isGood: true, counts: { PURGED: 3, ERASED: 1 } });
  expect(found.removals.map(({ kind, explained, problem }) => [kind, explained, problem])).toEqual([
    ['purge', 3, null],
    ['erase', 1, null],
  ]);
  await audit.close();
});
