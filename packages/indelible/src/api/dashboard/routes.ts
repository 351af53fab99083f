import { INTERVALS } from '../../trail/stretches.js';
import { DAYS, filterParameters, type Parameter, TENANT, ZONE } from '../parameters.js';
import type { Route } from '../route.js';
import { json } from '../routes/json.js';
import { FACET_NAMES, facets, histogram } from './counts.js';
import { acknowledge, listFindings } from './findings.js';
import * as schemas from './schemas.js';
import { Statistics } from './statistics.js';

const SHOWS = { method: 'GET', who: 'all', attempts: 'READ', isViewing: true } as const;
const LOOKED_BACK: readonly Parameter[] = [
  { ...DAYS, schema: { ...DAYS.schema, maximum: 366, default: 7 } },
  ZONE,
  TENANT,
];

/** What a dashboard is made of: counts, figures, and what looks suspicious. */
export function dashboardRoutes(word: string): readonly Route[] {
  return [...counts(word), ...suspicious()];
}

function counts(word: string): readonly Route[] {
  return [
    {
      ...SHOWS,
      path: 'statistics/',
      summary: 'The figures of the dashboard',
      parameters: [ZONE, TENANT],
      answer: json(schemas.STATISTICS),
      handle: new Statistics().handle,
    },
    {
      ...SHOWS,
      path: 'facets/',
      summary: 'How often each value comes among the newest events that match',
      parameters: [FACETS, TOP, ...filterParameters(word)],
      answer: json(schemas.FACETS),
      handle: facets,
    },
    {
      ...SHOWS,
      path: 'histogram/',
      summary: 'How many events match in each stretch of time',
      parameters: [INTERVAL, ...filterParameters(word)],
      answer: json(schemas.HISTOGRAM),
      handle: histogram,
    },
  ];
}

const FACETS: Parameter = {
  name: 'facets',
  description: `What is counted, with commas between; by default ${Object.keys(FACET_NAMES).join(', ')}.`,
  schema: { type: 'string', maxLength: 200 },
};
const TOP: Parameter = {
  name: 'top',
  description: 'How many values of each are told.',
  schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 20 },
};
const INTERVAL: Parameter = {
  name: 'interval',
  description: 'How long each stretch is, by the clocks of tz; as suits the time, when it is left out.',
  schema: { type: 'string', enum: INTERVALS },
};

function suspicious(): readonly Route[] {
  return [
    {
      ...SHOWS,
      path: 'findings/',
      summary: 'What looks suspicious, the most serious first',
      attempts: 'LIST',
      parameters: LOOKED_BACK,
      answer: json(schemas.FINDINGS),
      handle: listFindings,
    },
    {
      method: 'POST',
      path: 'findings/{id}/acknowledge/',
      summary: 'Say what was found out about it; recorded',
      who: 'all',
      attempts: 'UPDATE',
      parameters: LOOKED_BACK,
      body: schemas.NOTE,
      answer: json(schemas.ONE_FINDING),
      handle: acknowledge,
    },
  ];
}
