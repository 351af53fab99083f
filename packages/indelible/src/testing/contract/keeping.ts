import assert from 'node:assert/strict';

import { floorId } from '../../event/id.js';
import type { Contract } from './contract.js';
import { collect, question } from './question.js';
import { samples } from './sample.js';

const CLOSED = { code: 'CLOSED' };

export function describeKeeping({ runner: { describe, it }, alone, shared }: Contract): void {
  describe('a store', () => {
    it('can be migrated again, and twice at the same time, without touching what it holds', async () => {
      const subject = await shared();
      await subject.store.append(samples(3, () => ({ core: { tenant_id: 'kept' } })));
      const before = await subject.rawEvents('kept');
      await subject.store.migrate();
      await Promise.all([subject.store.migrate(), subject.store.migrate()]);
      assert.deepEqual(await subject.rawEvents('kept'), before);
      const states = await subject.store.migrations();
      assert.deepEqual(
        states.filter(({ applied }) => !applied),
        [],
      );
    });

    it('says in a line where it is, and what its operator should know', async () => {
      const { store } = await shared();
      assert.match(store.description, /^[^\n]+$/);
      for (const { severity, message } of await store.check()) {
        assert.ok(['warning', 'error'].includes(severity));
        assert.match(message, /\w/);
      }
    });

    it('finishes what was asked before it is closed, and refuses everything afterwards', async () => {
      await alone(async ({ store }) => {
        const entries = samples(20, () => ({ core: { tenant_id: 'closing' } }));
        const asked = store.append(entries);
        await asked;
        const closing = store.close();
        await Promise.all([closing, store.close()]);
        await store.close();
        const [id = ''] = entries.map(({ core }) => core.id);
        await assert.rejects(store.append(entries), CLOSED);
        await assert.rejects(store.find(question('closing')), CLOSED);
        await assert.rejects(store.count(question('closing'), 1_000), CLOSED);
        await assert.rejects(store.get(id, null), CLOSED);
        await assert.rejects(collect(store, question('closing')), CLOSED);
        const dayBounds = [floorId(0), floorId(1)];
        await assert.rejects(store.summarize({ tenantId: null, where: {}, dayBounds, top: 1 }), CLOSED);
        const all = { tenantId: null, where: {} };
        await assert.rejects(store.facets({ ...all, facets: ['action'], among: 1, top: 1 }), CLOSED);
        await assert.rejects(store.histogram({ ...all, bounds: dayBounds }), CLOSED);
        const owner = { tenantId: '', viewerId: '1' };
        await assert.rejects(store.views.list(owner), CLOSED);
        await assert.rejects(store.views.save(owner, { id: 'v', name: 'v', query: '' }), CLOSED);
        await assert.rejects(store.views.remove(owner, 'v'), CLOSED);
      });
    });
  });
}
