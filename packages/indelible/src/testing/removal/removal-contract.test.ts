import { describe, expect, it } from 'vitest';

import { openMemoryRemoval } from '../../../test/memory-removal.js';
import { Notebook } from '../../../test/notebook.js';
import type { MemoryRows } from '../../stores/memory/memory-rows.js';
import { MemoryStore } from '../../stores/memory/memory-store.js';
import { MemoryRetention } from '../../stores/memory/memory-retention.js';
import type { Removal, Retention, SelectedLeaf, Selection, SelectionPreview } from '../../stores/removal.js';
import { removalContract } from './removal-contract.js';

/** One whose rows can be reached past its methods. */
class OpenRetention extends MemoryRetention {
  protected readonly rows: MemoryRows;

  constructor(rows: MemoryRows) {
    super(() => rows);
    this.rows = rows;
  }
}

class IgnoresExceptions extends OpenRetention {
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
class IgnoresHolds extends OpenRetention {
  override async select(
    { clauses }: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    return super.select({ clauses, holds: [] }, afterId, limit);
  }
}
class CountsTheUnsealed extends OpenRetention {
  override async preview(selection: Selection): Promise<SelectionPreview> {
    const preview = await super.preview(selection);
    const unsealed = [...this.rows.events.keys()].filter((id) => !this.rows.indexes.has(id));
    return { ...preview, count: preview.count + unsealed.length };
  }
}
class IncludesTheCutOff extends OpenRetention {
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
class RemovesUndecided extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    if (!this.rows.removals.has(eventId)) for (const id of ids) this.rows.events.delete(id);
    return super.remove(eventId, ids, changes);
  }
}
class RemovesHalf extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    for (const id of ids.slice(0, -1)) this.rows.events.delete(id);
    return super.remove(eventId, ids, changes);
  }
}
class ForgetsTallies extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    const tallies = [...this.rows.tallies];
    const removed = await super.remove(eventId, ids, changes);
    for (const [key, tally] of tallies) this.rows.tallies.set(key, tally);
    return removed;
  }
}
class KeepsTexts extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    const texts = ids.map((id) => [id, this.rows.events.get(id)?.entry.search] as const);
    const removed = await super.remove(eventId, ids, changes);
    for (const [id, search = {}] of texts) {
      const event = this.rows.events.get(id);
      if (event) this.rows.events.set(id, { ...event, entry: { ...event.entry, search } });
    }
    return removed;
  }
}
class TakesLeaves extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    const removed = await super.remove(eventId, ids, changes);
    this.rows.leaves.splice(
      0,
      this.rows.leaves.length,
      ...this.rows.leaves.filter(({ id }) => !ids.includes(id)),
    );
    return removed;
  }
}
class TakesAgain extends OpenRetention {
  override async remove(
    eventId: string,
    ids: readonly string[],
    changes: number,
  ): Promise<number | undefined> {
    const removed = await super.remove(eventId, ids, changes);
    this.rows.purged.clear();
    return removed;
  }
}
class ReplacesManifests extends OpenRetention {
  override decide(removal: Removal): Promise<void> {
    this.rows.removals.delete(removal.eventId);
    return super.decide(removal);
  }
}
class RunsTwice extends OpenRetention {
  override exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    return work();
  }
}
class OverlooksHolds extends OpenRetention {
  override async remove(eventId: string, ids: readonly string[]): Promise<number | undefined> {
    return super.remove(eventId, ids, await this.holdChanges());
  }
}

/** A store in memory that lets events go in a way of its own. */
class OpenStore extends MemoryStore {
  override readonly retention: Retention;

  constructor(rows: MemoryRows, Made: new (rows: MemoryRows) => Retention) {
    super(rows);
    this.retention = new Made(rows);
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
      'a removal > is refused another manifest, kind or signature than it was decided with, which stay',
    ],
    [
      'lets two remove at once',
      RunsTwice,
      'a removal > P49: has one runner at a time, whoever opened the store, and the next when that one has ended',
    ],
    [
      'overlooks a hold',
      OverlooksHolds,
      'remove > P49: removes nothing when a hold was placed or released since the batch was chosen',
    ],
  ])('finds out a store that %s', async (_, Faulty, name) => {
    const [faulty, sound] = [Faulty, OpenRetention].map((Made) => {
      const notebook = new Notebook();
      removalContract('a store', () => openMemoryRemoval((rows) => new OpenStore(rows, Made)), notebook);
      return notebook;
    }) as [Notebook, Notebook];
    await expect(faulty.run(name)).rejects.toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
    await expect(sound.run(name)).resolves.toBeUndefined();
    await Promise.all([faulty.end(), sound.end()]);
  });
});
