import { describe, expect, it } from 'vitest';

import { openMemoryRemoval } from '../../../test/memory-removal.js';
import { Notebook } from '../../../test/notebook.js';
import type { Entry } from '../../event/entry.js';
import type { MemoryRows } from '../../stores/memory/memory-rows.js';
import { MemoryStore } from '../../stores/memory/memory-store.js';
import type { Policy, Removal, SelectedLeaf, Selection, SelectionPreview } from '../../stores/removal.js';
import type { AppendResult } from '../../stores/store.js';
import { removalContract } from './removal-contract.js';

/** A store whose rows can be reached past its methods. */
class OpenStore extends MemoryStore {
  protected readonly rows: MemoryRows;

  constructor(rows: MemoryRows) {
    super(rows);
    this.rows = rows;
  }
}

class IgnoresExceptions extends OpenStore {
  override async preview(selection: Selection): Promise<SelectionPreview> {
    return super.preview(ignoring(selection));
  }
  override async select(
    selection: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    return super.select(ignoring(selection), afterId, limit);
  }
}
function ignoring({ clauses, holds }: Selection): Selection {
  return { clauses: clauses.map((clause) => ({ ...clause, except: [] })), holds };
}
class IgnoresHolds extends OpenStore {
  override async select(
    { clauses }: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    return super.select({ clauses, holds: [] }, afterId, limit);
  }
}
class CountsTheUnsealed extends OpenStore {
  override async preview(selection: Selection): Promise<SelectionPreview> {
    const preview = await super.preview(selection);
    const unsealed = [...this.rows.events.keys()].filter((id) => !this.rows.indexes.has(id));
    return { ...preview, count: preview.count + unsealed.length };
  }
}
class IncludesTheCutOff extends OpenStore {
  override async select(
    { clauses, holds }: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    const later = clauses.map((clause) => ({
      ...clause,
      recordedBefore: new Date(Date.parse(clause.recordedBefore) + 1).toISOString(),
    }));
    return super.select({ clauses: later, holds }, afterId, limit);
  }
}
class RemovesUndecided extends OpenStore {
  override async remove(eventId: string, ids: readonly string[]): Promise<number> {
    if (!this.rows.removals.has(eventId)) for (const id of ids) this.rows.events.delete(id);
    return super.remove(eventId, ids);
  }
}
class RemovesHalf extends OpenStore {
  override async remove(eventId: string, ids: readonly string[]): Promise<number> {
    for (const id of ids.slice(0, -1)) this.rows.events.delete(id);
    return super.remove(eventId, ids);
  }
}
class ForgetsTallies extends OpenStore {
  override async remove(eventId: string, ids: readonly string[]): Promise<number> {
    const tallies = [...this.rows.tallies];
    const removed = await super.remove(eventId, ids);
    for (const [key, tally] of tallies) this.rows.tallies.set(key, tally);
    return removed;
  }
}
class KeepsTexts extends OpenStore {
  override async remove(eventId: string, ids: readonly string[]): Promise<number> {
    const texts = ids.map((id) => [id, this.rows.events.get(id)?.entry.search] as const);
    const removed = await super.remove(eventId, ids);
    for (const [id, search = {}] of texts) {
      const event = this.rows.events.get(id);
      if (event) this.rows.events.set(id, { ...event, entry: { ...event.entry, search } });
    }
    return removed;
  }
}
class TakesLeaves extends OpenStore {
  override async remove(eventId: string, ids: readonly string[]): Promise<number> {
    const removed = await super.remove(eventId, ids);
    this.rows.leaves.splice(
      0,
      this.rows.leaves.length,
      ...this.rows.leaves.filter(({ id }) => !ids.includes(id)),
    );
    return removed;
  }
}
class TakesAgain extends OpenStore {
  override append(entries: readonly Entry[]): Promise<AppendResult> {
    this.rows.purged.clear();
    return super.append(entries);
  }
}
class ReplacesManifests extends OpenStore {
  override decide(removal: Removal): Promise<void> {
    this.rows.removals.delete(removal.eventId);
    return super.decide(removal);
  }
}
class RunsTwice extends OpenStore {
  override exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work();
  }
}
class MixesPolicies extends OpenStore {
  override savePolicy({ match, ...policy }: Policy): Promise<void> {
    const { match: known } = this.rows.policies.get(policy.id) ?? {};
    return super.savePolicy({ ...policy, match: { ...known, ...match } });
  }
}

const RULES = 'P49: holds, and counts,';

describe('the removal contract', () => {
  it.each([
    ['ignores exceptions', IgnoresExceptions, `a selection > ${RULES} no exception`],
    ['ignores holds', IgnoresHolds, `a selection > ${RULES} no person that is held in one tenant`],
    ['counts what has no leaf', CountsTheUnsealed, `a selection > ${RULES} every event`],
    [
      'takes the cut-off in',
      IncludesTheCutOff,
      'a selection > P49: ends strictly before its cut-off, by when events were stored and not by their own time',
    ],
    [
      'removes without a decision',
      RemovesUndecided,
      'a removal > removes nothing before it is decided, and nothing once it is over',
    ],
    [
      'removes half of a batch',
      RemovesHalf,
      'remove > P34: removes nothing of a batch with an event that stays for ever',
    ],
    [
      'forgets the tallies',
      ForgetsTallies,
      'purge > takes events out of the tallies, where one that comes to nothing is no more',
    ],
    [
      'keeps the texts of what it erased',
      KeepsTexts,
      'erase > P39: empties payload, salt and search columns, and takes nothing from any other event',
    ],
    [
      'takes the leaves with the events',
      TakesLeaves,
      'purge > P34: leaves the log as it was: the leaves stay, and say that their events are gone',
    ],
    [
      'takes a purged event again',
      TakesAgain,
      'purge > P34: lets no event come back unnoticed: it is a conflict or a stray, and never sealed a second time',
    ],
    [
      'replaces a manifest',
      ReplacesManifests,
      'a removal > is refused another manifest or kind than it was decided with, which stay',
    ],
    [
      'lets two remove at once',
      RunsTwice,
      'a removal > P49: has one runner at a time, whoever opened the store, and the next when that one has ended',
    ],
    [
      'mixes a policy with the one before',
      MixesPolicies,
      'rules > replace a policy whole, and take one away, and leave the others',
    ],
  ])('finds out a store that %s', async (_, Faulty, name) => {
    const [faulty, sound] = [Faulty, MemoryStore].map((Made) => {
      const notebook = new Notebook();
      removalContract('a store', () => openMemoryRemoval((rows) => new Made(rows)), notebook);
      return notebook;
    }) as [Notebook, Notebook];
    await expect(faulty.run(name)).rejects.toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
    await expect(sound.run(name)).resolves.toBeUndefined();
    await Promise.all([faulty.end(), sound.end()]);
  });
});
