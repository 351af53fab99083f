import type { NumberingAccount } from '../verify/numbering/numbering.js';
import type { RemovalAccount } from '../verify/removals.js';
import type { Violation } from '../verify/verdict.js';
import type { Assurance, Verification } from '../verify/verification.js';
import type { EventVerification } from '../verify/verify-event.js';
import type { Terminal } from './terminal.js';

/** What a terminal would obey, or show otherwise than it is written: what is told may come from whoever altered it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

const WORTH: Readonly<Record<Assurance, string>> = {
  none: 'nothing is proved: no checkpoint was found that a key given here signed',
  'tamper-detecting':
    'tamper-detecting: held against checkpoints that lie beside the data. Whoever holds the database and the key could have made all of it anew, and an old state that was restored is not seen; give --checkpoint with one that was kept elsewhere',
  'tamper-evident':
    'tamper-evident: held against checkpoints that were kept elsewhere. What was sealed after the last of them is only tamper-detecting',
};

export function tellTrail(found: Verification, most: number, terminal: Terminal): void {
  const line = (text: string): void => terminal.line(text.replaceAll(UNSEEN, '\uFFFD'));
  const { from, to, proved, origin, checkpoints, known, counts } = found;
  const verdicts = Object.entries(counts).filter(([, count]) => count > 0);
  line(`log ${origin ?? 'without a name'}: leaves ${from} to ${to}, proved up to ${proved}`);
  line(`checkpoints that hold: ${checkpoints} of the log, ${known} kept elsewhere`);
  line(`events: ${verdicts.map(([verdict, count]) => `${count} ${verdict}`).join(', ') || 'none'}`);
  tellRemovals(found.removals, most, line);
  if (found.numbering) line(numberingLine(found.numbering));
  else line('numbers of processes: not looked at, since not the whole log was');
  for (const violation of found.violations.slice(0, most)) line(violationLine(violation));
  const more = found.violationCount - Math.min(found.violations.length, most);
  if (more > 0) line(`  and ${more} more`);
  line(WORTH[found.assurance]);
  terminal.line(terminal.style('bold', conclusion(found)));
}

export function tellEvent(found: EventVerification, terminal: Terminal): void {
  const line = (text: string): void => terminal.line(text.replaceAll(UNSEEN, '\uFFFD'));
  const { id, index, checkpoint, violations, verdict } = found;
  line(`event ${id}: ${index === null ? 'no leaf' : `leaf ${index}`}`);
  if (checkpoint) line(`under the checkpoint of ${checkpoint.origin} at ${checkpoint.size} leaves`);
  for (const violation of violations) line(violationLine(violation));
  terminal.line(terminal.style('bold', verdict));
}

/** Erasures may be thousands: those that were not accepted come first. */
function tellRemovals(all: readonly RemovalAccount[], most: number, line: (text: string) => void): void {
  const refused = all.filter(({ problem }) => problem !== null);
  const accepted = all.filter(({ problem }) => problem === null);
  for (const removal of [...refused, ...accepted].slice(0, most)) line(removalLine(removal));
  if (all.length > most) line(`  and ${all.length - most} more removals`);
}

function removalLine({ eventId, kind, index, explained, problem }: RemovalAccount): string {
  const what = kind === 'purge' ? 'purged' : 'erased';
  const place = index === null ? 'not sealed yet' : `leaf ${index}`;
  const whose = `by ${eventId} (${place})`;
  return problem === null
    ? `  ${what} ${whose}: ${explained}`
    : `  ${what} ${whose}: not accepted, ${problem}`;
}

function numberingLine({ processes, unstopped, missed, told, gone, underway }: NumberingAccount): string {
  const parts = [
    `${unstopped} running or killed`,
    `${missed.length} unexplained holes`,
    `${told} numbers lost as told`,
    `${gone} gone with what was purged or is missing`,
    `${underway} on their way`,
  ];
  return `processes: ${processes}; ${parts.join(', ')}`;
}

function violationLine({ verdict, index, last, id, what }: Violation): string {
  const leaves = last === null || last === index ? `leaf ${index}` : `leaves ${index} to ${last}`;
  const where = [index === null ? undefined : leaves, id === null ? undefined : `event ${id}`];
  return `  ${[verdict, ...where.filter((part) => part !== undefined)].join(' ')}: ${what}`;
}

function conclusion({ isGood, violationCount, log }: Verification): string {
  if (isGood) return `${log}: nothing is wrong.`;
  if (violationCount === 0) return 'NOT VERIFIED: there is nothing signed to hold the trail against.';
  return `${log}: ${violationCount} violations.`;
}
