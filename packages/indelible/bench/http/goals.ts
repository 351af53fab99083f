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
    what: 'processor time of an event on the thread that answers',
    under: 40,
    unit: 'microseconds',
    figure: ({ main }) => main?.added[0] ?? Number.NaN,
  },
  {
    what: 'processor time of an event, all threads, with all that SQLite does to store it',
    under: 40,
    unit: 'microseconds',
    figure: ({ process }) => process.added[0],
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
