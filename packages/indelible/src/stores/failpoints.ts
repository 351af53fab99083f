/** Where a crash must leave nothing half done. Tests end the process at each of them. */
export const SEAL_FAILPOINTS = [
  'seal.begun',
  'seal.leaves',
  'seal.nodes',
  'seal.tallies',
  'seal.checkpoint',
  'seal.head',
  'seal.committed',
] as const;

/** The same, while events are removed. */
export const REMOVAL_FAILPOINTS = [
  'removal.begun',
  'removal.events',
  'removal.tallies',
  'removal.committed',
] as const;

/** The same, between the steps of a whole clean-up or erasure. */
export const PURGE_FAILPOINTS = [
  'purge.recorded',
  'purge.sealed',
  'purge.decided',
  'purge.batch',
  'purge.finished',
] as const;

export type Failpoint = (
  | typeof SEAL_FAILPOINTS
  | typeof REMOVAL_FAILPOINTS
  | typeof PURGE_FAILPOINTS
)[number];

let listener: ((at: Failpoint) => void) | undefined;
let deadly: Failpoint | undefined;

export function reach(at: Failpoint): void {
  if (at === deadly) process.kill(process.pid, 'SIGKILL');
  listener?.(at);
}

/** For tests: what to do at each failpoint that is reached from here on. */
export function onFailpoint(next: ((at: Failpoint) => void) | undefined): void {
  listener = next;
}

/** For tests: the process is killed at this failpoint, once it is reached, with nothing of it told. */
export function dieAt(at: Failpoint): void {
  deadly = at;
}

/** For a step that runs on a thread of its own, which is told where to die instead of reaching it here. */
export function deathAt(): Failpoint | undefined {
  return deadly;
}
