import { describe, expect, it } from 'vitest';

import { openMemoryLog } from '../../../test/memory-log.js';
import { Notebook } from '../../../test/notebook.js';
import type { MemoryRows } from '../../stores/memory/memory-rows.js';
import { MemoryStore } from '../../stores/memory/memory-store.js';
import type { Pending, SealBatch, SealedLeaf } from '../../stores/seal-log.js';
import { sealLogContract } from './seal-log-contract.js';

class PassesOver extends MemoryStore {
  override async pending(limit: number): Promise<Pending> {
    const pending = await super.pending(limit);
    return pending.hasMore ? { ...pending, entries: pending.entries.slice(1) } : pending;
  }
}
class ForgetsRoles extends MemoryStore {
  override async pending(limit: number): Promise<Pending> {
    const pending = await super.pending(limit);
    return { ...pending, entries: pending.entries.map((entry) => ({ ...entry, search: {} })) };
  }
}
class ReadsPayloads extends MemoryStore {
  override async pending(limit: number): Promise<Pending> {
    const pending = await super.pending(limit);
    const whole = pending.entries.map(({ core }) => this.get(core.id, null));
    return { ...pending, entries: (await Promise.all(whole)).flatMap((entry) => entry ?? []) };
  }
}
class SealsAnything extends MemoryStore {
  override async seal(batch: SealBatch): Promise<boolean> {
    await super.seal(batch);
    return true;
  }
}
class SealsHalf extends MemoryStore {
  override async seal(batch: SealBatch): Promise<boolean> {
    const head = await super.head();
    await super.seal({ ...batch, from: head, head, ids: [], leaves: [], nodes: [], tallies: [] });
    return super.seal(batch);
  }
}
class CountsTwice extends MemoryStore {
  override seal(batch: SealBatch): Promise<boolean> {
    return super.seal({ ...batch, tallies: [...batch.tallies, ...batch.tallies] });
  }
}
class LosesNodes extends MemoryStore {
  override seal(batch: SealBatch): Promise<boolean> {
    return super.seal({ ...batch, nodes: [] });
  }
}
class CountsFromOne extends MemoryStore {
  override async leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return (await super.leaves(from, limit)).map((leaf) => ({ ...leaf, index: leaf.index + 1 }));
  }
}
class FindsAnyBytes extends MemoryStore {
  override async indexOf(id: string): Promise<number | undefined> {
    const ids = (await super.leaves(0, 1_000)).map((leaf) => leaf.id.replaceAll('-', '')).join('');
    const found = ids.indexOf(id.replaceAll('-', ''));
    return found === -1 ? undefined : Math.floor(found / 32);
  }
}
class OnlyCounts extends MemoryStore {
  readonly #rows: MemoryRows;
  constructor(rows: MemoryRows) {
    super(rows);
    this.#rows = rows;
  }
  override async strays(limit: number): Promise<readonly string[]> {
    return this.#rows.events.size > this.#rows.leaves.length ? super.strays(limit) : [];
  }
}

describe('the seal log contract', () => {
  it.each([
    [
      'passes an event over',
      PassesOver,
      'pending > gives nothing that was sealed again, and passes nothing over from batch to batch',
    ],
    [
      'forgets what is counted',
      ForgetsRoles,
      'pending > gives what is hashed and what is counted, and nothing that could be heavy',
    ],
    [
      'reads payloads to seal',
      ReadsPayloads,
      'pending > gives what is hashed and what is counted, and nothing that could be heavy',
    ],
    [
      'says that everything was sealed',
      SealsAnything,
      'seal > refuses a batch from a head that the log has left, and changes nothing',
    ],
    [
      'lets two be sealed at once',
      SealsAnything,
      'seal > takes exactly one of several batches that are sealed at the same time',
    ],
    [
      'keeps the checkpoint of what it refused',
      SealsHalf,
      'seal > stores nothing of a batch that does not fit, whichever of its members it is',
    ],
    [
      'counts twice',
      CountsTwice,
      'seal > adds tallies up, quarter of an hour by quarter of an hour and tenant by tenant',
    ],
    [
      'loses nodes',
      LosesNodes,
      'reading the log > gives the roots of the whole subtrees of 256 leaves, and no others',
    ],
    [
      'counts its leaves from one',
      CountsFromOne,
      'reading the log > gives leaves with their events from any index on, over the ends of batches',
    ],
    [
      'finds an id where two others meet',
      FindsAnyBytes,
      'reading the log > is not misled by bytes of an id that lie over the end of one and the beginning of the next',
    ],
    [
      'compares numbers and no ids',
      OnlyCounts,
      'strays > P33: are found also where as many events were taken away',
    ],
  ])('finds out a log that %s', async (_, Faulty, name) => {
    const [faulty, sound] = [Faulty, MemoryStore].map((Made) => {
      const notebook = new Notebook();
      sealLogContract('a log', () => openMemoryLog((rows) => new Made(rows)), notebook);
      return notebook;
    }) as [Notebook, Notebook];
    await expect(faulty.run(name)).rejects.toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
    await expect(sound.run(name)).resolves.toBeUndefined();
    await Promise.all([faulty.end(), sound.end()]);
  });
});
