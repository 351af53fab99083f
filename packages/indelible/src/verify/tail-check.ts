import type { StoredEntry } from '../event/read.js';
import type { Pending, SealLog } from '../stores/seal-log.js';
import type { EventReader } from '../stores/store.js';
import type { Findings } from './findings.js';
import { payloadProblem } from './leaf-state.js';
import type { Numbering } from './numbering/numbering.js';

/** So many events that wait are looked at; the sealer takes them by the thousand. */
const WAITING = 1_000;
/** So many are held whole at a time: each may weigh a megabyte. */
const AT_ONCE = 8;

type Source = Pick<SealLog, 'lag' | 'pending'> & Pick<EventReader, 'get'>;

interface Parts {
  readonly log: Source;
  readonly findings: Findings;
  readonly numbering: Numbering;
  /** Events that the log has passed and has no leaf for. */
  readonly strays: readonly string[];
  /** What was stored before this moment must be sealed by now, in milliseconds. */
  readonly sealedBefore: number;
}

/** Events without a leaf: those that wait for one, and those that never will have one. */
export async function checkUnsealed({
  log,
  findings,
  numbering,
  strays,
  sealedBefore,
}: Parts): Promise<void> {
  const { count, oldest } = await log.lag();
  const { entries } = await log.pending(WAITING);
  for await (const entry of wholeOf(log, entries)) {
    const problem = payloadProblem(entry);
    if (problem === undefined) numbering.see(entry);
    else findings.addEvent('TAMPERED', `not sealed yet, and ${problem}`, { id: entry.core.id });
  }
  findings.count('PENDING', count);
  if (oldest !== null && Date.parse(oldest) < sealedBefore)
    findings.add(
      'PENDING',
      `${count} events wait to be sealed, the oldest since ${oldest}: no sealer is running`,
      {
        id: entries[0]?.core.id ?? null,
      },
    );
  for (const id of strays)
    findings.addEvent('TAMPERED', 'it was slipped in: the log has passed its place, and has no leaf for it', {
      id,
    });
}

/** In their order, with their payloads; one that has just been sealed and purged is none any more. */
async function* wholeOf(log: Source, entries: Pending['entries']): AsyncGenerator<StoredEntry> {
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const asked = entries.slice(at, at + AT_ONCE).map(({ core }) => log.get(core.id, null));
    for (const entry of await Promise.all(asked)) if (entry !== undefined) yield entry;
  }
}
