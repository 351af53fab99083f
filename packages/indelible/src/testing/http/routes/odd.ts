import type { KitAnswer, KitRoute } from '../http-binding.js';
import { patientOf } from './records.js';

/** Answers that are fine as JSON, and hostile to whoever else looks at them. */
export function oddRoutes(): readonly KitRoute[] {
  const answers = { getters: withGetters, cycles: withCycle, proxies: withProxy };
  return Object.entries(answers).map(([name, answer]) => ({
    method: 'GET',
    path: `/api/odd/${name}/:id`,
    reading: { kind: 'read', model: 'Patient' },
    handler: ({ params }) => ({ json: answer(params['id'] ?? '') }) satisfies KitAnswer,
  }));
}

function withGetters(id: string): object {
  const throwing = { enumerable: false, get: (): never => thrown() };
  return Object.defineProperties(
    { ...patientOf(id) },
    { results: throwing, _id: throwing, uuid: throwing, born: { ...throwing } },
  );
}

function withCycle(id: string): object {
  const answer: Record<string, unknown> = { ...patientOf(id), toJSON: () => patientOf(id) };
  answer['results'] = answer;
  return answer;
}

/** Whoever asks what is in it, other than its own names, gets an error. */
function withProxy(id: string): object {
  return new Proxy(patientOf(id), { has: () => thrown() });
}

function thrown(): never {
  throw new Error('nobody may look');
}
