import type { LooseInput } from '../../../event/input.js';
import { watchingOf } from '../../../trail/door.js';
import { type KitAnswer, KitRefusal, type KitRequest, type KitRoute } from '../http-binding.js';
import type { Desk } from './desk.js';
import { type KitPatient, patientLines, patientOf } from './records.js';

/** Routes that read in more than one way, or more than one record. */
export function manyReadRoutes(desk: Desk): readonly KitRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/patients/:id/chart',
      reading: { kind: 'read', model: 'Patient' },
      handler: (request) => chart(desk, request),
    },
    {
      method: 'GET',
      path: '/api/patients/:id/label',
      reading: { kind: 'sensitive', action: 'PRINT', model: 'Patient' },
      handler: ({ params }) => model(desk, params['id'] ?? ''),
    },
    {
      method: 'GET',
      path: '/api/patients/:id/model',
      handler: ({ params }) => model(desk, params['id'] ?? ''),
    },
    {
      method: 'GET',
      path: '/api/patients/:id/wrapped',
      handler: ({ params }) => wrapped(desk, params['id'] ?? ''),
    },
    { method: 'GET', path: '/api/lists/decorated', reading: LIST, handler: () => decoratedList(desk) },
    { method: 'GET', path: '/api/lists/model', handler: () => modelLists(desk) },
    {
      method: 'GET',
      path: '/api/lists/exported',
      reading: { kind: 'export', model: 'Patient' },
      handler: () => exportedList(desk),
    },
    {
      method: 'GET',
      path: '/api/lists/streamed',
      reading: LIST,
      handler: () => ({ headers: LINES, stream: () => patientLines(desk.signals) }),
    },
    { method: 'POST', path: '/api/graphql', handler: ({ body }) => graphqlAnswer(desk, body) },
    { method: 'POST', path: '/api/batch', handler: ({ body }) => batch(desk, body) },
  ];
}

const LIST = { kind: 'list', model: 'Patient' } as const;
const CSV = { 'Content-Type': 'text/csv; charset=utf-8' };
const LINES = { 'Content-Type': 'application/x-ndjson' };

/** What an ORM's adapter does when many records are read. */
async function readPatients(
  { audit }: Desk,
  action: 'LIST' | 'SEARCH',
  ids: readonly string[],
): Promise<KitPatient[]> {
  const event: LooseInput = {
    action,
    source: 'read',
    target: { type: 'Patient' },
    subjects: ids,
    metadata: { count: ids.length, ids },
  };
  await watchingOf(audit).recordRead(event);
  return ids.map(patientOf);
}

/** Finds them by a condition of its own, and each once more by itself. */
async function decoratedList(desk: Desk): Promise<KitAnswer> {
  const results = await readPatients(desk, 'SEARCH', ['1', '2', '3']);
  await Promise.all(results.map(({ id }) => readPatient(desk, String(id))));
  await readPatient(desk, '4');
  return { json: { results } };
}

/** Two searches that have nothing to do with each other. */
async function modelLists(desk: Desk): Promise<KitAnswer> {
  const [some, others] = [
    await readPatients(desk, 'SEARCH', ['1', '2']),
    await readPatients(desk, 'SEARCH', ['3']),
  ];
  return { json: { some, others } };
}

async function exportedList(desk: Desk): Promise<KitAnswer> {
  const patients = [
    ...(await readPatients(desk, 'LIST', ['1', '2'])),
    ...(await readPatients(desk, 'LIST', ['3'])),
  ];
  return { headers: CSV, text: patients.map(({ id, name }) => `${id},${name}\n`).join('') };
}

/** What an ORM's adapter does when a record is read. */
async function readPatient({ audit }: Desk, id: string): Promise<KitPatient> {
  const event: LooseInput = {
    action: 'READ',
    source: 'read',
    target: { type: 'Patient', id },
    operation: 'Patient.findUnique',
  };
  await watchingOf(audit).recordRead(event);
  return patientOf(id);
}

/** The decorated route reads through the model, and by hand when `by=hand`; then it may think better of it. */
async function chart(desk: Desk, { params: { id = '' }, query }: KitRequest): Promise<KitAnswer> {
  const patient = await readPatient(desk, id);
  if (query.get('then') === 'refused') return { status: 403, json: { detail: 'Not yours.' } };
  if (query.get('then') === 'broken') throw new Error('the drill is broken');
  if (query.get('by') === 'print')
    await desk.audit.record({ action: 'PRINT', target: { type: 'Patient', id } });
  if (query.get('by') === 'wrap') await disclosed(desk)(id);
  if (query.get('by') === 'hand')
    await desk.audit.record({ action: 'READ', target: { type: 'Patient', id }, reason: 'asked by hand' });
  return { json: patient };
}

async function model(desk: Desk, id: string): Promise<KitAnswer> {
  return { json: await readPatient(desk, id) };
}

function disclosed({ audit }: Desk): (id: string) => Promise<KitPatient> {
  return audit.wrap((id: string) => patientOf(id), { action: 'DISCLOSURE', model: 'Patient' });
}

/** A function that records its calls, around a model that does so too. */
async function wrapped(desk: Desk, id: string): Promise<KitAnswer> {
  const find = desk.audit.wrap(
    (one: string) => {
      if (one === 'refused') throw new KitRefusal(403, 'not yours');
      return readPatient(desk, one);
    },
    { action: 'READ', model: 'Patient', reason: 'treatment' },
  );
  return { json: await find(id) };
}

/** Several requests in one. */
async function batch(desk: Desk, body: unknown): Promise<KitAnswer> {
  const ids = (body as { readonly ids?: readonly string[] } | undefined)?.ids ?? [];
  return { json: { results: await Promise.all(ids.map((id) => readPatient(desk, id))) } };
}

const SCHEMA = `
  type Patient { id: ID! name: String! }
  type Query { patient(id: ID!): Patient! patients(ids: [ID!]!): [Patient!]! }`;

async function graphqlAnswer(desk: Desk, body: unknown): Promise<KitAnswer> {
  const { buildSchema, graphql } = await import('graphql');
  const { query = '', variables } = body as { query?: string; variables?: Record<string, unknown> };
  const rootValue = {
    patient: ({ id }: { readonly id: string }) => readPatient(desk, id),
    patients: ({ ids }: { readonly ids: readonly string[] }) =>
      Promise.all(ids.map((id) => readPatient(desk, id))),
  };
  const schema = buildSchema(SCHEMA);
  return { json: await graphql({ schema, source: query, rootValue, variableValues: variables ?? {} }) };
}
