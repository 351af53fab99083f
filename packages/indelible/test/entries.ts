import { commit, type Entry, type EventCore, type SearchColumns } from '../src/event/entry.js';
import { floorId, IdGenerator } from '../src/event/id.js';
import { toLine } from '../src/trail/spool/line.js';

const ids = new IdGenerator();

interface Given {
  readonly core?: Partial<Omit<EventCore, 'payload_digest'>>;
  readonly payload?: object;
  readonly search?: SearchColumns;
}

/** A small entry, ready to be stored; each with an id of its own unless one is given. */
export function someEntry({ core, payload = { reason: 'check-up' }, search = {} }: Given = {}): Entry {
  const base = { v: 1, id: ids.next(), action: 'READ', outcome: 'success', source: 'read' } as const;
  return commit({ ...base, actor: { type: 'user', id: 'u1' }, ...core }, payload, search);
}

export function someEntries(count: number, given: (n: number) => Given = () => ({})): Entry[] {
  return Array.from({ length: count }, (_, n) => someEntry(given(n)));
}

/** As a file of the spool holds it. */
export function lineOf(entry: Entry): string {
  return toLine(entry).toString();
}

/** The same entry with another body, as a faulty or hostile producer would send it. */
export function forged(entry: Entry): Entry {
  const { payload_digest: _, ...core } = entry.core;
  return commit(core, { reason: 'another body' }, entry.search);
}

/** An id of a given moment, as a clock that shows that moment would make it. */
export function idAt(time: string, n = 1): string {
  return floorId(Date.parse(time))
    .replace('-0000-0000-', '-7000-8000-')
    .slice(0, -4)
    .concat(n.toString(16).padStart(4, '0'));
}
