import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { SavedView, ViewOwner } from '../../stores/views.js';
import type { Contract } from './contract.js';

const OWNERS: readonly ViewOwner[] = [
  { tenantId: '', viewerId: '1' },
  { tenantId: 'acme', viewerId: '1' },
  { tenantId: 'acme', viewerId: '2' },
];
const QUERY = '?action=READ&search=%27%22%3B--%F0%9F%98%80';

function view(name: string, query = QUERY): Omit<SavedView, 'savedAt'> {
  return { id: randomUUID(), name, query };
}

export function describeViewing({ runner: { describe, it }, alone }: Contract): void {
  describe('views', () => {
    it('are kept for their owner, by their names, and told with when they were saved', async () => {
      await alone(async ({ store }) => {
        const [owner] = OWNERS as [ViewOwner];
        assert.deepEqual(await store.views.list(owner), []);
        const saved = [view('Ärzte'), view('deletions', ''), view('"x"; DROP TABLE'), view('Deletions')];
        for (const one of saved) assert.equal(await store.views.save(owner, one), true);
        const found = await store.views.list(owner);
        const bare = found.map(({ id, name, query }) => ({ id, name, query }));
        assert.deepEqual(
          bare,
          saved.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        );
        for (const { savedAt } of found) {
          assert.match(savedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          assert.ok(Math.abs(Date.parse(savedAt) - Date.now()) < 86_400_000, savedAt);
        }
      });
    });

    it('are replaced whole, and removed once', async () => {
      await alone(async ({ store: { views } }) => {
        const [owner] = OWNERS as [ViewOwner];
        const [one, other] = [view('one'), view('other')];
        await views.save(owner, one);
        await views.save(owner, other);
        assert.equal(await views.save(owner, { ...one, name: 'renamed', query: '' }), true);
        const names = async (): Promise<string[]> => (await views.list(owner)).map(({ name }) => name);
        assert.deepEqual(await names(), ['other', 'renamed']);
        assert.deepEqual(
          [await views.remove(owner, one.id), await views.remove(owner, one.id)],
          [true, false],
        );
        assert.deepEqual(await names(), ['other']);
      });
    });

    it("P47: are nobody else's to see, to change or to remove, in no other tenant either", async () => {
      await alone(async ({ store: { views } }) => {
        const own = OWNERS.map((owner) => ({ owner, saved: view(`of ${owner.tenantId} ${owner.viewerId}`) }));
        for (const { owner, saved } of own) await views.save(owner, saved);
        for (const { owner, saved } of own) {
          for (const other of OWNERS.filter((one) => one !== owner)) {
            assert.equal(await views.save(other, { ...saved, name: 'taken' }), false);
            assert.equal(await views.remove(other, saved.id), false);
          }
          const found = await views.list(owner);
          assert.deepEqual(found, [{ ...saved, savedAt: found[0]?.savedAt }]);
        }
      });
    });
  });
}
