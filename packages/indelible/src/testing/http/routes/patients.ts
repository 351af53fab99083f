import { type KitAnswer, KitRefusal, type KitRequest, type KitRoute } from '../http-binding.js';
import type { Desk } from './desk.js';
import { pageOf, patientLines, patientOf } from './records.js';

const READ = { kind: 'read', model: 'Patient' } as const;
const HTML = { 'Content-Type': 'text/html; charset=utf-8' };

/** The patients of the clinic. */
export function patientRoutes(desk: Desk): readonly KitRoute[] {
  return [...readingRoutes(), ...writingRoutes(desk), ...fileRoutes(desk), ...refusedRoutes()];
}

function readingRoutes(): readonly KitRoute[] {
  return [
    { method: 'GET', path: '/api/patients', reading: { kind: 'list', model: 'Patient' }, handler: list },
    { method: 'GET', path: '/api/patients/:id', reading: READ, handler: show },
    { method: 'GET', path: '/api/patients/:id/edit', reading: READ, handler: editForm },
    { method: 'GET', path: '/api/patients/:id/cached', reading: READ, handler: cached },
    { method: 'GET', path: '/api/patients/:id/plain', handler: show },
    { method: 'GET', path: '/api/invoices/:id', handler: show },
    { method: 'GET', path: '/api/dental-records/:id', handler: show },
    { method: 'GET', path: '/people/:id', handler: show },
    { method: 'GET', path: '/charts/:id', reading: READ, handler: show },
  ];
}

function writingRoutes(desk: Desk): readonly KitRoute[] {
  return [
    { method: 'POST', path: '/api/patients', handler: () => create(desk) },
    { method: 'PATCH', path: '/api/patients/:id', handler: (request) => update(desk, request) },
    { method: 'PUT', path: '/api/invoices/:id', handler: () => ({ json: { isSaved: true } }) },
    { method: 'DELETE', path: '/api/patients/:id', handler: (request) => remove(desk, request) },
  ];
}

function fileRoutes({ signals }: Desk): readonly KitRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/exports/patients',
      reading: { kind: 'export', model: 'Patient' },
      handler: () => exportAll(signals),
    },
    {
      method: 'GET',
      path: '/api/patients/:id/scan',
      reading: { kind: 'download', model: 'Patient' },
      handler: scan,
    },
    {
      method: 'POST',
      path: '/api/patients/:id/print',
      reading: { kind: 'sensitive', action: 'PRINT', model: 'Patient', options: { requireReason: true } },
      handler: show,
    },
  ];
}

function refusedRoutes(): readonly KitRoute[] {
  return [
    { method: 'GET', path: '/api/patients/:id/vault', reading: READ, isForbidden: true, handler: show },
    { method: 'DELETE', path: '/api/invoices/:id', isForbidden: true, handler: show },
  ];
}

function list({ query }: KitRequest): KitAnswer {
  return { json: pageOf(Number(query.get('page') ?? 1), Number(query.get('page_size') ?? 3)) };
}

function show({ params: { id = '' } }: KitRequest): KitAnswer {
  if (id === 'hidden') return { status: 403, json: { detail: 'Not yours.' } };
  if (id === 'gone') return { status: 404, json: { detail: 'Not found.' } };
  if (id === 'refused') throw new KitRefusal(403, 'not yours');
  if (id === 'lost') throw new KitRefusal(404, 'not found');
  return { json: patientOf(id) };
}

function editForm({ params: { id = '' } }: KitRequest): KitAnswer {
  return { headers: HTML, text: `<form><input name="name" value="${patientOf(id).name}"></form>` };
}

function cached(request: KitRequest): KitAnswer {
  const { id = '' } = request.params;
  const headers = { ETag: `"patient-${id}"`, 'Cache-Control': 'private' };
  if (request.header('if-none-match') === headers.ETag) return { status: 304, headers };
  return { headers, json: patientOf(id) };
}

function exportAll(signals: Desk['signals']): KitAnswer {
  const headers = {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': 'attachment; filename="patients.csv"',
  };
  return { headers, stream: () => patientLines(signals) };
}

function scan({ params: { id = '' } }: KitRequest): KitAnswer {
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': `attachment; filename="scan-${id}.txt"`,
  };
  return { headers, text: `scan of ${patientOf(id).name}` };
}

async function create({ audit }: Desk): Promise<KitAnswer> {
  await audit.record({
    action: 'CREATE',
    source: 'model',
    target: { type: 'Patient', id: '77' },
    after: patientOf(77),
  });
  return { status: 201, json: patientOf(77) };
}

/** Saves more than once without waiting in between when it is asked to. */
async function update({ audit }: Desk, { params: { id = '' }, body, query }: KitRequest): Promise<KitAnswer> {
  const names = (body as { readonly names?: readonly string[] } | undefined)?.names ?? ['Eve Elm'];
  const before = patientOf(id);
  const saves = names.map((name) =>
    audit.record({
      action: 'UPDATE',
      source: 'model',
      target: { type: 'Patient', id },
      before,
      after: { ...before, name },
    }),
  );
  await Promise.all(saves);
  if (query.get('then') === 'refused') throw new KitRefusal(403, 'not yours');
  if (query.get('then') === 'broken') throw new Error('the drill is broken');
  return { json: { id } };
}

async function remove({ audit }: Desk, { params: { id = '' } }: KitRequest): Promise<KitAnswer> {
  await audit.record({
    action: 'DELETE',
    source: 'model',
    target: { type: 'Patient', id },
    before: patientOf(id),
  });
  return { status: 204 };
}
