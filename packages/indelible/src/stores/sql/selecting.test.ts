import { expect, it, onTestFinished } from 'vitest';

import { openSqliteRemoval } from '../../../test/sqlite-removal.js';
import { someLife, storeAndSeal } from '../../testing/removal/filled.js';
import type { Selection } from '../removal.js';
import { indexesOf } from '../sqlite/indexes.js';
import { SELECTION } from '../sqlite/selection.js';
import type { Execute, Row } from './reader.js';
import { SqlSelecting } from './selecting.js';

const LATER = '9999-01-01T00:00:00Z';

it('P49: a selection is read in parts of the trail, whose ends neither lose an event nor give one twice', async () => {
  const { store, trail, remove } = await openSqliteRemoval();
  onTestFinished(remove);
  await storeAndSeal(store, someLife(35));
  trail.db.function('indelible_in_time', () => 1);
  let asked = 0;
  const execute: Execute = async ({ sql, parameters }) => {
    asked += 1;
    return trail.db.prepare(sql).all(...parameters) as Row[];
  };
  for (const match of [{}, { action: 'READ' }, { actorId: 'nobody' }, { subjectId: 's1' }]) {
    const selection: Selection = { clauses: [{ match, except: [], recordedBefore: LATER }], holds: [] };
    const whole = await store.retention.select(selection, null, 1_000);
    const preview = await store.retention.preview(selection);
    for (const lookedAt of [1, 7, 35, 104, 105, 106]) {
      const selecting = new SqlSelecting({
        own: SELECTION,
        execute,
        indexesOf: (ids) => indexesOf(execute, ids),
        timeText: (ms) => new Date(Number(ms)).toISOString(),
        lookedAt,
      });
      asked = 0;
      expect(await selecting.preview(selection)).toEqual(preview);
      expect(asked).toBeGreaterThanOrEqual(105 / lookedAt);
      for (const limit of [3, 1_000]) {
        const leaves = [];
        for (let after: string | null = null; ; after = leaves.at(-1)?.id ?? null) {
          const page = await selecting.select(selection, after, limit);
          leaves.push(...page);
          if (page.length < limit) break;
        }
        expect(leaves).toEqual(whole);
      }
    }
  }
});
