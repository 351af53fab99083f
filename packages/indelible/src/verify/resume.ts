import { Frontier } from '../integrity/frontier.js';
import type { SealLog } from '../stores/seal-log.js';
import { isEqual } from './leaf-state.js';
import type { Start } from './start.js';
import type { Trust } from './trust.js';

/**
 * How far a verification had come. Nobody signs it: it says where to go on, and that is believed only where a
 * checkpoint was signed for just that tree. That nothing was wrong before, whoever keeps the file must believe.
 */
export interface ResumeState {
  readonly v: 1;
  readonly size: number;
  /** The place of the checkpoint at that size. */
  readonly place: number;
  /** Base64 of the roots of the perfect subtrees, the largest first. */
  readonly frontier: readonly string[];
}

/** Reads the text of a state; undefined for anything else. */
export function readResumeState(text: string): ResumeState | undefined {
  try {
    const state = JSON.parse(text) as Partial<ResumeState> | null;
    const isSound =
      state?.v === 1 &&
      Number.isSafeInteger(state.size) &&
      Number.isSafeInteger(state.place) &&
      Array.isArray(state.frontier) &&
      state.frontier.every((hash) => typeof hash === 'string');
    return isSound ? (state as ResumeState) : undefined;
  } catch {
    // A file that was cut off, or is something else altogether.
    return undefined;
  }
}

export function resumeState(
  edge: { size: number; hashes: readonly Uint8Array[] },
  place: number,
): ResumeState {
  const frontier = edge.hashes.map((hash) => Buffer.from(hash).toString('base64'));
  return { v: 1, size: edge.size, place, frontier };
}

/** Where the log goes on from a state; undefined when no checkpoint was signed for it. */
export async function startAt(
  state: ResumeState,
  log: Pick<SealLog, 'checkpoints'>,
  trust: Trust,
): Promise<Start | undefined> {
  const [checkpoint] = await log.checkpoints(state.place - 1, 1);
  const signed = checkpoint?.place === state.place ? trust.open(checkpoint.note) : undefined;
  const frontier = frontierOf(state);
  if (signed?.size !== state.size || !frontier || !isEqual(frontier.root(), signed.root)) return undefined;
  return { size: state.size, frontier, place: state.place };
}

function frontierOf({ size, frontier }: ResumeState): Frontier | undefined {
  try {
    return new Frontier(
      size,
      frontier.map((hash) => Buffer.from(hash, 'base64')),
    );
  } catch {
    // Hashes that are not those of a tree of this size.
    return undefined;
  }
}
