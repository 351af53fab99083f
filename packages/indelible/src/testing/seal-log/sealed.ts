import assert from 'node:assert/strict';

import { entryLeaf } from '../../event/entry.js';
import { timeOf } from '../../event/id.js';
import type { LogHead, Pending, SealBatch, SealLog, Tally, UnsealedEntry } from '../../stores/seal-log.js';
import { NaiveTree } from './naive-tree.js';

const QUARTER_MS = 15 * 60_000;

/** What a log must hold by now. */
export class Sealed {
  readonly ids: readonly string[];
  readonly tree: NaiveTree;

  constructor(ids: readonly string[] = [], tree: NaiveTree = new NaiveTree()) {
    this.ids = ids;
    this.tree = tree;
  }

  get head(): LogHead {
    return { size: this.tree.size, root: this.tree.root(), frontier: this.tree.frontier() };
  }

  /** The batch that seals what is pending. */
  batch({ head, entries, place }: Pending): SealBatch {
    const leaves = entries.map(entryLeaf);
    const after = this.after(entries);
    return {
      from: head,
      place,
      ids: entries.map(({ core }) => core.id),
      leaves,
      nodes: after.tree.nodesSince(this.tree.size),
      tallies: talliesOf(entries),
      head: after.head,
      checkpoint: noteOf(after.head),
    };
  }

  after(entries: readonly UnsealedEntry[]): Sealed {
    const ids = entries.map(({ core }) => core.id);
    return new Sealed([...this.ids, ...ids], this.tree.with(entries.map(entryLeaf)));
  }
}

/** Seals one batch, which must succeed. */
export async function sealNext(log: SealLog, before: Sealed, limit: number): Promise<Sealed> {
  const pending = await log.pending(limit);
  assertHead(pending.head, before.head);
  assert.ok(
    pending.entries.length <= limit,
    `${pending.entries.length} events where ${limit} were asked for`,
  );
  const after = before.after(pending.entries);
  assert.equal(new Set(after.ids).size, after.ids.length, 'an event is pending that was sealed');
  assert.equal(await log.seal(before.batch(pending)), true);
  return after;
}

/** Seals everything that is pending, so many events a batch. */
export async function sealAll(log: SealLog, before: Sealed = new Sealed(), limit = 100): Promise<Sealed> {
  let sealed = before;
  while ((await log.pending(1)).entries.length > 0) sealed = await sealNext(log, sealed, limit);
  return sealed;
}

export function assertHead(found: LogHead, expected: LogHead): void {
  assert.deepEqual(shownHead(found), shownHead(expected));
}

/** Bytes compare alike whatever class they come in. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function talliesOf(entries: readonly UnsealedEntry[]): Tally[] {
  return addedUp(entries.flatMap(tallied));
}

/** One tally for each key, in the order of the keys. */
export function addedUp(tallies: readonly Tally[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const tally of tallies) {
    const quarter = new Date(tally.quarter).toISOString();
    const key = JSON.stringify([quarter, tally.tenantId, tally.kind, tally.value]);
    sums.set(key, { ...tally, quarter, count: tally.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally);
}

function tallied({ core }: UnsealedEntry): Tally[] {
  const quarter = new Date(timeOf(core.id) - (timeOf(core.id) % QUARTER_MS)).toISOString();
  const base = { quarter, tenantId: core.tenant_id ?? '', count: core.count ?? 1 };
  return [
    { ...base, kind: 'total', value: '' },
    { ...base, kind: 'action', value: core.action },
  ];
}

/** In the form of a checkpoint; whether its signature holds is no matter of the store. */
function noteOf({ size, root }: LogHead): string {
  return `clinic.example/log\n${size}\n${Buffer.from(root).toString('base64')}\n\n— clinic.example/log AAAA\n`;
}

function shownHead({ size, root, frontier }: LogHead): unknown {
  return { size, root: hex(root), frontier: frontier.map(hex) };
}
