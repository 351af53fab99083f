import { timeOf } from '../../event/id.js';
import { readEvent, type StoredEntry } from '../../event/read.js';
import type { Json } from '../../event/event.js';
import { Absences } from './absences.js';
import { type Hole, Runs } from './runs.js';

/** Events of a process that never came to stand in the trail. */
interface Missed extends Pick<Hole, 'first' | 'last'> {
  readonly process: string;
}

/** What the numbers of all processes tell. */
export interface NumberingAccount {
  /** Holes that nothing explains. */
  readonly missed: readonly Missed[];
  /** Processes that were looked at. */
  readonly processes: number;
  /** Those that told no stop: they run still, were killed, or their stop was purged. */
  readonly unstopped: number;
  /** Numbers that an AUDIT_GAP event owns up to. */
  readonly told: number;
  /** Numbers whose events may have been purged, or are missing and told of already. */
  readonly gone: number;
  /** Numbers that may still be on their way. */
  readonly underway: number;
}

interface Process {
  readonly runs: Runs;
  /** Numbers that an AUDIT_GAP event tells of. */
  readonly told: [first: number, last: number][];
  stop: { readonly n: number; readonly at: number } | undefined;
}

const MOST_DONE = 10_000;
const MOST_TOLD = 10_000;

/** Whether an event of this action tells of the numbers of others. */
export function tellsOfNumbers(action: string): boolean {
  return action === 'AUDIT_STOP' || action === 'AUDIT_GAP';
}

/** Every process numbers what it delivers, so what never came leaves a hole. Memory grows with holes, and with processes that told no stop. */
export class Numbering {
  readonly #processes = new Map<string, Process>();
  readonly #absences = new Absences();
  /** Processes that stopped and lack nothing: the last of them are still known, should one say something more. */
  readonly #done = new Set<string>();
  #doneCount = 0;
  /** What was lost, as told, without a number. */
  #unnumbered = 0;

  /** An event that is as it was sealed. */
  see(entry: StoredEntry): void {
    const { core } = entry;
    if (core.action === 'AUDIT_STOP') this.#stop(entry);
    if (core.action === 'AUDIT_GAP') this.#gap(entry);
    this.seeNumber(core.process, timeOf(core.id));
  }

  /** The same of an event that tells of no number but its own, recorded at a moment. */
  seeNumber(process: StoredEntry['core']['process'], at: number): void {
    if (process && !this.#done.has(process.id)) this.#add(process, at);
  }

  /** A leaf whose event is not there, or is not to be believed: it may have had any number. */
  miss(id: string): void {
    this.#absences.add(timeOf(id));
  }

  /** What was recorded since that moment, in milliseconds, may still be on its way. */
  account(underwaySince: number): NumberingAccount {
    const missed: Missed[] = [];
    const sums = { told: 0, gone: 0, underway: 0, unstopped: 0 };
    let unnumbered = this.#unnumbered;
    for (const [process, { runs, told, stop }] of this.#processes) {
      if (stop === undefined) sums.unstopped += 1;
      for (const hole of runs.holes(stop?.n ?? 0, stop?.at ?? 0)) {
        const left = without(hole, told);
        const size = sizeOf(left);
        sums.told += sizeOf([hole]) - size;
        if (size === 0) continue;
        if (hole.before > underwaySince) sums.underway += size;
        else if (this.#absences.between(hole.after, hole.before) >= size) sums.gone += size;
        else if (unnumbered >= size) unnumbered -= size;
        else missed.push(...left.map(({ first, last }) => ({ process, first, last })));
      }
    }
    sums.told += this.#unnumbered - unnumbered;
    return { missed, processes: this.#processes.size + this.#doneCount, ...sums };
  }

  #add({ id, n }: NonNullable<StoredEntry['core']['process']>, at: number): void {
    const { runs, stop } = this.#of(id);
    runs.add(n, at);
    if (stop === undefined || !runs.isWholeTo(stop.n)) return;
    this.#processes.delete(id);
    this.#doneCount += 1;
    this.#done.add(id);
    const [oldest] = this.#done;
    if (this.#done.size > MOST_DONE && oldest !== undefined) this.#done.delete(oldest);
  }

  #of(id: string): Process {
    const process = this.#processes.get(id) ?? { runs: new Runs(), told: [], stop: undefined };
    this.#processes.set(id, process);
    return process;
  }

  #stop(entry: StoredEntry): void {
    const { process, last_n: last } = readEvent(entry).metadata ?? {};
    if (typeof process !== 'string' || !isNumber(last)) return;
    this.#of(process).stop = { n: last, at: timeOf(entry.core.id) };
  }

  #gap(entry: StoredEntry): void {
    const { of_process: process, numbers, count } = readEvent(entry).metadata ?? {};
    const runs = Array.isArray(numbers) ? numbers.filter(isRun) : [];
    if (typeof process === 'string') this.#own(process, runs);
    else if (isNumber(count)) this.#unnumbered += count;
  }

  #own(process: string, runs: readonly [number, number][]): void {
    if (this.#done.has(process)) return;
    const { told } = this.#of(process);
    if (told.length < MOST_TOLD) told.push(...runs);
  }
}

/** What is left of a hole when what was told is taken out of it. */
function without(
  hole: Pick<Hole, 'first' | 'last'>,
  told: readonly (readonly [number, number])[],
): Pick<Hole, 'first' | 'last'>[] {
  return told.reduce<Pick<Hole, 'first' | 'last'>[]>(
    (left, [from, to]) =>
      left.flatMap(({ first, last }) => {
        if (to < first || from > last) return [{ first, last }];
        const parts = [
          { first, last: from - 1 },
          { first: to + 1, last },
        ];
        return parts.filter((part) => part.first <= part.last);
      }),
    [{ first: hole.first, last: hole.last }],
  );
}

function sizeOf(runs: readonly Pick<Hole, 'first' | 'last'>[]): number {
  return runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function isRun(value: Json): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber);
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
