import { FACETS, type Facet } from '../../stores/query.js';
import { type Interval, INTERVALS } from '../../trail/stretches.js';
import type { Call } from '../call.js';
import { invalidParameter } from '../refusal.js';
import type { FacetsAnswer, HistogramAnswer } from './answers.js';

/** Each facet as it is called on the wire. */
export const FACET_NAMES: Readonly<Record<string, Facet>> = Object.fromEntries(
  FACETS.map((facet) => [facet.replace('Id', '_id'), facet]),
);

/** How often each value comes among the newest events that match. */
export async function facets(call: Call): Promise<FacetsAnswer> {
  const names = asked(call);
  const found = await call.api.serving.reader.facets(await call.filter(), {
    facets: names.map((name) => FACET_NAMES[name] ?? 'action'),
    top: call.whole('top'),
  });
  const values = names.map((name) => [name, found.values[FACET_NAMES[name] ?? 'action'] ?? []] as const);
  return { among: found.among, is_exact: found.isAll, facets: Object.fromEntries(values) };
}

export async function histogram(call: Call): Promise<HistogramAnswer> {
  const interval = INTERVALS.find((one) => one === call.text('interval')) satisfies Interval | undefined;
  const found = await call.api.serving.reader.histogram(await call.filter(), interval);
  return { interval: found.interval, buckets: found.stretches };
}

function asked(call: Call): readonly string[] {
  const names = Object.keys(FACET_NAMES);
  const given = call.text('facets')?.split(',') ?? names;
  const stranger = given.find((name) => !names.includes(name));
  if (stranger === undefined) return given;
  throw invalidParameter('facets', `names ${JSON.stringify(stranger)}; use ${names.join(', ')}`);
}
