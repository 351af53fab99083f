import { describe, expect, it } from 'vitest';

import type { Entry } from '../event/entry.js';
import type { StoredEntry } from '../event/read.js';
import { MemoryStore } from '../stores/memory/memory-store.js';
import type { EventQuery } from '../stores/query.js';
import type { AppendResult, EntryPage } from '../stores/store.js';
import { type RawEvent, storeContract, type StoreUnderTest, type TestRunner } from './store-contract.js';

/** A runner that only takes down what it is given, so that a test can be run and seen to fail. */
class Notebook implements TestRunner {
  readonly tests = new Map<string, () => Promise<void>>();
  readonly #path: string[] = [];
  #afterAll: () => Promise<void> = async () => undefined;

  readonly describe = (name: string, body: () => void): void => {
    this.#path.push(name);
    body();
    this.#path.pop();
  };
  readonly it = (name: string, body: () => Promise<void>): void => {
    this.tests.set([...this.#path.slice(1), name].join(' > '), body);
  };
  readonly afterAll = (body: () => Promise<void>): void => {
    this.#afterAll = body;
  };

  run(name: string): Promise<void> {
    return this.tests.get(name)?.() ?? Promise.reject(new Error(`There is no test ${name}.`));
  }

  end(): Promise<void> {
    return this.#afterAll();
  }
}

class ForgetsConflicts extends MemoryStore {
  override async append(entries: readonly Entry[]): Promise<AppendResult> {
    await super.append(entries);
    return { conflicts: [] };
  }
}
class StoresHalves extends MemoryStore {
  override async append(entries: readonly Entry[]): Promise<AppendResult> {
    if (entries.length > 1) await super.append(entries.slice(0, 1));
    return super.append(entries);
  }
}
class MixesTenants extends MemoryStore {
  override get(id: string): Promise<StoredEntry | undefined> {
    return super.get(id, null);
  }
}
class SkipsOne extends MemoryStore {
  override async find(query: EventQuery): Promise<EntryPage> {
    const page = await super.find(query);
    return query.after && page.entries.length > 1 ? { ...page, entries: page.entries.slice(1) } : page;
  }
}
class Guesses extends MemoryStore {
  override async count(query: EventQuery): Promise<number | null> {
    return ((await super.count(query, 60_000)) ?? 0) - 1;
  }
}

function underTest(store: MemoryStore): StoreUnderTest {
  const rawEvents = async (tenantId: string): Promise<RawEvent[]> => {
    const { entries } = await MemoryStore.prototype.find.call(store, { ...EVERYTHING, tenantId });
    return entries.map(({ core: { id, action, payload_digest: payloadDigest }, payload, salt }) => ({
      id,
      action,
      payload,
      payloadDigest,
      salt,
    }));
  };
  return { store, rawEvents, rawSubjects: async () => [], remove: () => store.close() };
}

const EVERYTHING: EventQuery = {
  tenantId: null,
  where: {},
  order: { column: 'timestamp', descending: false },
  limit: 100_000,
};

describe('the store contract', () => {
  it.each([
    [
      'forgets conflicts',
      ForgetsConflicts,
      'append > keeps the first of two bodies under one id in the same batch',
    ],
    [
      'stores half a batch',
      StoresHalves,
      'append > stores nothing of a batch in which one event can never be stored, and says so',
    ],
    ['mixes tenants', MixesTenants, "tenants > P47: cannot get another's event by its id"],
    [
      'leaves one out between pages',
      SkipsOne,
      'paging > goes through everything and back by timestamp, greatest first, without loss or repeat',
    ],
    ['guesses a count', Guesses, 'count > is exact, or null when the budget is too small, and never a guess'],
  ])('finds out a store that %s', async (_, Faulty, name) => {
    const [faulty, sound] = [Faulty, MemoryStore].map((Made) => {
      const notebook = new Notebook();
      storeContract('a store', async () => underTest(new Made()), notebook);
      return notebook;
    }) as [Notebook, Notebook];
    await expect(faulty.run(name)).rejects.toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
    await expect(sound.run(name)).resolves.toBeUndefined();
    await Promise.all([faulty.end(), sound.end()]);
  });

  it('needs no runner but three functions, and opens no store before a test asks for one', async () => {
    const notebook = new Notebook();
    let opened = 0;
    const open = async (): Promise<StoreUnderTest> => {
      opened += 1;
      return underTest(new MemoryStore());
    };
    storeContract('a store', open, notebook);
    expect(notebook.tests.size).toBeGreaterThan(50);
    expect(opened).toBe(0);
    await notebook.run('append > takes an empty batch');
    await notebook.run('append > has stored all of a batch when it resolves');
    expect(opened).toBe(1);
    await notebook.end();
  });
});
