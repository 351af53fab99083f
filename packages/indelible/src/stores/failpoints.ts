/** Where a crash must leave nothing half done. Tests end the process at each of them. */
export const FAILPOINTS = [
  'seal.begun',
  'seal.leaves',
  'seal.nodes',
  'seal.tallies',
  'seal.checkpoint',
  'seal.head',
  'seal.committed',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

let listener: ((at: Failpoint) => void) | undefined;

export function reach(at: Failpoint): void {
  listener?.(at);
}

/** For tests: what to do at each failpoint that is reached from here on. */
export function onFailpoint(next: ((at: Failpoint) => void) | undefined): void {
  listener = next;
}
