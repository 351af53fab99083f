import type { AnchorAssurance } from './anchor.js';
import type { AnchorStats } from './mooring.js';

/** What the log can prove, and to whom. */
export interface Assurance {
  readonly level: 'tamper-detecting' | 'tamper-evident';
  /** The strongest kind of anchor that has taken a checkpoint. */
  readonly by: AnchorAssurance | null;
  /** For people: what it rests on, and what it does not cover. */
  readonly text: string;
}

const NONE =
  'Changes to single events are found. But checkpoints lie only beside the data: whoever holds the database and the signing key can cut the log short, or write all of it anew, unseen.';
const TEXT: Readonly<Record<AnchorAssurance, string>> = {
  operator:
    'The log can be cut short or written anew only by somebody who changes the anchor too: this is worth as much as the distance between who administers the one and who administers the other.',
  worm: 'Until its retention ends, nobody can overwrite or remove what was anchored, the owner of the account included: a log that is cut short or written anew no longer agrees with it.',
};

/** Told for what anchors have taken, and not for what they were configured to take. */
export function assuranceOf(anchors: readonly AnchorStats[]): Assurance {
  const holding = anchors.filter(({ lastAnchoredSize }) => lastAnchoredSize !== null);
  const best = holding.find(({ assurance }) => assurance === 'worm') ?? holding[0];
  if (best === undefined) return { level: 'tamper-detecting', by: null, text: NONE };
  const covered = `The first ${best.lastAnchoredSize} events are covered, by ${best.name}; later ones are not yet.`;
  const alarm = anchors.find(({ disagreement }) => disagreement !== null);
  const told = alarm && `ALARM: ${alarm.disagreement}, the log does not agree with ${alarm.name}.`;
  const text = [told, TEXT[best.assurance], covered].filter((one) => one !== undefined).join(' ');
  return { level: 'tamper-evident', by: best.assurance, text };
}
