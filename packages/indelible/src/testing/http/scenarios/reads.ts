import assert from 'node:assert/strict';

import { type HttpScenario, scenario } from '../scenario.js';

/** What is recorded of a record that was shown. */
export const READS: readonly HttpScenario[] = [
  scenario(
    'P25: one GET that decorator, model and safety net see gives one READ; a second counts',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1/chart', { as: 'ann' });
      const event = await clinic.expectOne('READ Patient 1 by ann: success 200');
      assert.deepEqual([event.subjectId, event.target?.label], ['1', 'Ben Birch']);
      await clinic.ask('/api/patients/1/chart', { as: 'ann' });
      await clinic.expectOne('READ Patient 1 by ann: success 200');
    },
  ),

  scenario('P25: what the model alone saw is told once, with how it was answered', {}, async (clinic) => {
    await clinic.ask('/api/patients/1/model', { as: 'ann' });
    const event = await clinic.expectOne('READ Patient 1 by ann: success 200');
    assert.equal(event.operation, 'Patient.findUnique');
  }),

  scenario(
    'P25: what was recorded by hand counts, and not what the decorator would tell',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1/chart?by=hand', { as: 'ann' });
      const event = await clinic.expectOne('READ Patient 1 by ann: success');
      assert.equal(event.reason, 'asked by hand');
    },
  ),

  scenario('P25: what a route shows tells also of what the model read for it', {}, async (clinic) => {
    await clinic.ask('/api/patients/1/label', { as: 'ann' });
    const event = await clinic.expectOne('PRINT Patient 1 by ann: success 200');
    assert.equal(event.operation, 'Patient.findUnique');
  }),

  scenario(
    'P25: a function that is wrapped and the model it asks give one READ, with all they know',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1/wrapped', { as: 'ann' });
      const event = await clinic.expectOne('READ Patient 1 by ann: success 200');
      assert.deepEqual([event.reason, event.operation], ['treatment', 'Patient.findUnique']);
      assert.deepEqual([event.target?.label, event.subjectId], ['Ben Birch', '1']);
    },
  ),

  scenario(
    'P25: a wrapped function that is refused, and its request, give one denial',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/refused/wrapped', { as: 'ann' });
      const { metadata } = await clinic.expectOne('ACCESS_DENIED Patient refused by ann: denied');
      assert.equal(metadata?.['attempted'], 'READ');
    },
  ),

  scenario('P25: another act on the record is told besides its reading', {}, async (clinic) => {
    await clinic.ask('/api/patients/1/chart?by=print', { as: 'ann' });
    await clinic.expectTold('PRINT Patient 1 by ann: success', 'READ Patient 1 by ann: success 200');
    await clinic.ask('/api/patients/1/chart?by=wrap', { as: 'ann' });
    await clinic.expectTold('DISCLOSURE Patient 1 by ann: success 200', 'READ Patient 1 by ann: success 200');
  }),

  scenario('P25: what was read only to be refused is no read', {}, async (clinic) => {
    await clinic.ask('/api/patients/1/chart?then=refused', { as: 'ann' });
    await clinic.expectOne('ACCESS_DENIED Patient 1 by ann: denied 403');
  }),

  scenario(
    'P25: what was read before the handler broke was read, and the request failed',
    {},
    async (clinic) => {
      await clinic.ask('/api/patients/1/chart?then=broken', { as: 'ann' });
      await clinic.expectTold(
        'READ Patient 1 by ann: success 500',
        'API_REQUEST Patient 1 by ann: error 500',
      );
    },
  ),

  scenario('P26: two edits of one record in one millisecond both survive', {}, async (clinic) => {
    const names = Array.from({ length: 50 }, (_, n) => `Eve ${n}`);
    await clinic.ask('/api/patients/1', { method: 'PATCH', as: 'ann', body: { names } });
    const events = await clinic.newEvents(names.length);
    assert.deepEqual(
      events.map(({ action, after }) => [action, after?.['name']]),
      names.map((name) => ['UPDATE', name]),
    );
    assert.ok(new Set(events.map(({ timestamp }) => timestamp)).size < names.length, 'no two came together');
  }),

  scenario('P28: opening an edit form is a read', {}, async (clinic) => {
    await clinic.ask('/api/patients/2/edit', { as: 'ann' });
    await clinic.expectOne('READ Patient 2 by ann: success 200');
  }),

  scenario(
    'an action that asks for a reason is refused without one, and told with one',
    {},
    async (clinic) => {
      const without = await clinic.ask('/api/patients/1/print', { method: 'POST', as: 'ann' });
      assert.equal(without.status, 400);
      assert.match(without.header('content-type') ?? '', /^application\/problem\+json/);
      assert.equal(JSON.parse(without.text).status, 400);
      await clinic.expectOne('API_REQUEST Patient 1 by ann: failure 400');
      const headers = { 'x-audit-reason': 'for the insurer' };
      const { status } = await clinic.ask('/api/patients/1/print', { method: 'POST', as: 'ann', headers });
      assert.equal(status, 200);
      const event = await clinic.expectOne('PRINT Patient 1 by ann: success 200');
      assert.deepEqual([event.reason, event.subjectId], ['for the insurer', '1']);
    },
  ),

  scenario('a reason may stand in the header, the query or the body', {}, async (clinic) => {
    const print = { method: 'POST', as: 'ann' };
    await clinic.ask('/api/patients/1/print', { ...print, headers: { 'x-audit-reason': 'by header' } });
    await clinic.ask('/api/patients/1/print?reason=by+query', print);
    await clinic.ask('/api/patients/1/print', { ...print, body: { reason: 'by body' } });
    const events = await clinic.newEvents(3);
    assert.deepEqual(
      events.map(({ action, reason }) => [action, reason]),
      [
        ['PRINT', 'by header'],
        ['PRINT', 'by query'],
        ['PRINT', 'by body'],
      ],
    );
  }),

  scenario('a file that is handed out is told with its name and type', {}, async (clinic) => {
    await clinic.ask('/api/patients/3/scan', { as: 'ann' });
    const { metadata } = await clinic.expectOne('DOWNLOAD Patient 3 by ann: success 200');
    assert.equal(metadata?.['filename'], 'scan-3.txt');
    assert.match(String(metadata?.['content_type']), /^text\/plain/);
  }),

  scenario('an export is told once, although it is streamed', {}, async (clinic) => {
    const { text } = await clinic.ask('/api/exports/patients', { as: 'ann' });
    assert.match(text, /^id,name\n1,Ben Birch\n/);
    const { metadata } = await clinic.expectOne('EXPORT Patient by ann: success 200');
    assert.equal(metadata?.['filename'], 'patients.csv');
  }),
];
