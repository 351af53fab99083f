import type { AnchorAssurance } from './anchor.js';
import type { AnchorStats } from './mooring.js';

/** What the log can prove, and to whom. */
export interface Assurance {
  readonly level: 'tamper-detecting' | 'tamper-evident';
  /** The strongest kind of anchor that has taken a checkpoint and can be reached. */
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

/** Told for what anchors have taken and still hold, and not for what they were configured to take. */
export function assuranceOf(anchors: readonly AnchorStats[]): Assurance {
  const alarm = anchors.find(({ disagreement }) => disagreement !== null);
  if (alarm !== undefined) return detecting(alarmText(alarm));
  const holding = anchors.filter(({ lastAnchoredSize }) => lastAnchoredSize !== null);
  const reached = holding.filter(({ awaySince }) => awaySince === null);
  const best = reached.find(({ assurance }) => assurance === 'worm') ?? reached[0];
  if (best === undefined)
    return detecting(holding[0] === undefined ? NONE : `${NONE} ${awayText(holding[0])}`);
  const covered = `The first ${best.lastAnchoredSize} events are covered, by ${best.name}; later ones are not yet.`;
  return { level: 'tamper-evident', by: best.assurance, text: `${TEXT[best.assurance]} ${covered}` };
}

function detecting(text: string): Assurance {
  return { level: 'tamper-detecting', by: null, text };
}

function alarmText({ disagreement, name }: AnchorStats): string {
  return `ALARM: ${disagreement}, the log does not agree with ${name}. Until it is known why, no anchor vouches for it.`;
}

function awayText({ lastAnchoredSize, name, awaySince }: AnchorStats): string {
  return `Only the first ${lastAnchoredSize} events are covered, by ${name}, where nothing could be anchored since ${awaySince}.`;
}
