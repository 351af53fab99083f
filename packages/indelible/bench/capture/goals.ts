import type { Figure, Figures } from './rounds.js';

/** What was set before anything was measured. */
interface Goal {
  readonly side: string;
  readonly baseline: string;
  readonly kind: 'single' | 'bulk';
  readonly atMost: number;
  readonly what: string;
}

export interface Verdict extends Goal {
  readonly orm: string;
  /** The median ratio; null when it was not measured. */
  readonly found: number | null;
  readonly isMet: boolean;
}

const CAPTURED = { side: 'captured', baseline: 'plain' } as const;
const GOALS: readonly Goal[] = [
  { ...CAPTURED, kind: 'single', atMost: 1.5, what: 'one captured update beside a plain one' },
  { ...CAPTURED, kind: 'bulk', atMost: 2.8, what: 'a captured update of all rows beside a plain one, limit' },
  { ...CAPTURED, kind: 'bulk', atMost: 2.5, what: 'a captured update of all rows beside a plain one, goal' },
  {
    side: 'captured, prepared',
    baseline: 'plain, prepared',
    kind: 'single',
    atMost: 1.35,
    what: 'one captured and prepared update beside a plain prepared one',
  },
];

export function verdicts(orm: string, figures: Figures): readonly Verdict[] {
  return GOALS.map((goal) => {
    const found = ratio(figures, goal);
    return { orm, ...goal, found, isMet: found !== null && found <= goal.atMost };
  });
}

function ratio(figures: Figures, { side, baseline, kind }: Goal): number | null {
  const figure = figures[side]?.[kind];
  return isFigure(figure) ? (figure.ratios[baseline]?.[0] ?? null) : null;
}

export function isFigure(value: Figure | { failed: string } | undefined): value is Figure {
  return value !== undefined && !('failed' in value);
}
