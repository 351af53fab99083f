import assert from 'node:assert/strict';

import type { TestRunner } from '../../contract/contract.js';
import type { CaptureSetUp } from '../clinic-set-up.js';
import { alone } from '../session.js';

/** Tables that change while they are captured. */
export function describeSchema(setUp: CaptureSetUp, { it }: TestRunner): void {
  it('P48: the history of a table that is renamed and dropped stays within reach, and the new name is captured', () =>
    alone(setUp, {}, async (session) => {
      const write = session.action('rawWrite');
      await write("UPDATE tag SET color = 'black' WHERE id = 1", []);
      await write('ALTER TABLE tag RENAME TO keyword', []);
      await write("UPDATE keyword SET color = 'white' WHERE id = 1", []);
      await session.audit.flush();
      await session.home.query('DROP TABLE appointment_tag');
      await session.home.query('DROP TABLE "_AppointmentToTag"');
      await write('DROP TABLE keyword', []);
      const colors = async (type: string): Promise<unknown[]> =>
        (await session.audit.history({ type, id: '1' })).events.map(({ changes }) => changes?.['color']);
      assert.deepEqual(await colors('Tag'), [{ old: 'red', new: 'black' }]);
      assert.deepEqual(await colors('keyword'), [{ old: 'black', new: 'white' }]);
    }));

  it('P4: a column that is added is told from the next change on', () =>
    alone(setUp, {}, async (session) => {
      const write = session.action('rawWrite');
      await write("UPDATE tag SET color = 'black' WHERE id = 1", []);
      await write('ALTER TABLE tag ADD COLUMN weight integer', []);
      await write('UPDATE tag SET weight = 3 WHERE id = 1', []);
      const events = await session.newEvents();
      const rows = events.filter(({ action }) => action === 'UPDATE');
      assert.deepEqual(rows.at(-1)?.changes, { weight: { old: null, new: 3 } });
    }));
}
