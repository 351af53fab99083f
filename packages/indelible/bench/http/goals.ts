import type { FrameworkFigures, VariantFigures } from './figures.js';
import type { Framework } from './variants.js';

/** What was set before anything was measured, of a request that records one event `soon`. */
interface Goal {
  readonly what: string;
  readonly under: number;
  readonly unit: string;
}

export interface Verdict extends Goal {
  readonly framework: Framework;
  readonly found: number;
  readonly isMet: boolean;
}

const GOALS: readonly (Goal & { readonly figure: (figures: VariantFigures) => number })[] = [
  {
    what: 'added at the median at half saturation',
    under: 0.2,
    unit: 'ms',
    figure: ({ latency }) => latency.all.p50.added[0],
  },
  {
    what: 'processor time of an event, all threads',
    under: 40,
    unit: 'microseconds',
    figure: (figures) => figures.process.added[0],
  },
];

export function verdicts({ framework, variants }: FrameworkFigures): Verdict[] {
  const soon = variants.filter(({ variant }) => variant === 'soon');
  return soon.flatMap((figures) =>
    GOALS.map(({ figure, ...goal }) => {
      const found = figure(figures);
      return { framework, ...goal, found, isMet: found < goal.under };
    }),
  );
}
