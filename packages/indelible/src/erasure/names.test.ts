import { describe, expect, it } from 'vitest';

import { someEntry } from '../../test/entries.js';
import type { EventCore } from '../event/entry.js';
import type { AuditEvent } from '../event/event.js';
import { readEvent } from '../event/read.js';
import { isNamedIn, Names } from './names.js';

function event(core: Partial<EventCore>, payload: object): AuditEvent {
  return readEvent({ ...someEntry({ core, payload }), recordedAt: null });
}

function namesOf(...events: AuditEvent[]): Names {
  const names = new Names();
  for (const one of events) names.learn(one, { subjectId: '42' });
  return names;
}

const OWN = namesOf(
  event({ subject_id: '42' }, { subject_label: 'Zoë van Čapek' }),
  event(
    { subject_id: '42', target: { type: 'Patient', id: '42' } },
    {
      target: { label: 'Patient Zoë' },
      after: {
        email: 'Zoe@Example.com',
        phone: '+31 6 1234 5678',
        born: '1990-02-03',
        status: 'active',
        notes: 'calls 0307654321',
      },
    },
  ),
  event(
    { subject_id: '42', target: { type: 'Invoice', id: '7' } },
    { target: { label: 'Invoice 2026-118' } },
  ),
);

describe('the names of a person', () => {
  it.each([
    ['the whole name', 'zoë van čapek'],
    ['a part of it', 'Mr. ČAPEK'],
    ['what somebody types on the way to it', 'čap'],
    ['a name without its accents', 'Zoe capek'],
    ['an address', 'from zoe@example.com today'],
    ['an address in a URL', '/patients?q=zoe%40example.com'],
    ['a number however it is written', 'tel. +31-612 345 678'],
    ['a name in a URL', '/search/Zo%C3%AB'],
  ])('are found as %s', (_name, text) => expect(OWN.isIn(text)).toBe(true));

  it.each([
    ['nothing', ''],
    ['two letters', 'zo'],
    ['another name', 'Zoetermeer'],
    ['the model', 'patient'],
    ['a status of the record', 'active'],
    ['a day of the record', '1990-02-03'],
    ['what is only within its notes', 'calls'],
    ['the label of another record', 'Invoice 2026-118'],
    ['a per cent sign', '100% sure'],
  ])('are not found in %s', (_name, text) => expect(OWN.isIn(text)).toBe(false));

  it('are learnt from what the application says, too', () => {
    const names = namesOf();
    expect(names.isIn('Ada Abel')).toBe(false);
    names.add('Ada Abel');
    names.add('ada@example.com');
    names.add('0612345678');
    for (const text of ['abel', 'ADA@example.com', '06 12 34 56 78']) expect(names.isIn(text)).toBe(true);
  });

  it('are learnt from the record of the model that is named, and from what the actor is called, when asked to', () => {
    const invoice = event({ target: { type: 'Invoice', id: '42' } }, { target: { label: 'Root canal' } });
    const acted = event(
      { actor: { type: 'user', id: '42' } },
      { actor: { name: 'Ada Abel', email: 'a@abel.test' } },
    );
    const learnt = (model?: string, includeActor?: boolean): boolean[] => {
      const names = new Names();
      for (const one of [invoice, acted]) names.learn(one, { subjectId: '42', model, includeActor });
      return [names.isIn('canal'), names.isIn('abel')];
    };
    expect([learnt(), learnt('Patient'), learnt('Patient', true)]).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });

  it('are not learnt from the label of somebody else', () => {
    const names = namesOf(event({ subject_id: '43' }, { subject_label: 'Bob Brown' }));
    expect(names.isIn('Bob Brown')).toBe(false);
  });
});

describe('an event of several people', () => {
  it.each([
    ['a query', { request: { query: { search: 'capek', q: ['čapek'] } } }],
    ['a body', { request: { body: { filter: { name: 'Čapek' } } } }],
    ['a path', { request: { path: '/search/%C4%8Capek' } }],
    ['a reason', { reason: 'Čapek called' }],
    ['a label', { target: { label: 'Zoë Čapek' } }],
    ['its metadata', { metadata: { text: 'Čapek' } }],
    ['an error', { error: { message: 'no Čapek' } }],
  ])('names somebody in %s', (_name, payload) =>
    expect(isNamedIn(OWN, event({ target: { type: 'Patient' } }, payload))).toBe(true),
  );

  it('does not name somebody by ids and counts, by who acted, or by the program', () => {
    const payload = {
      actor: { name: 'Dr. Čapek', username: 'capek', email: 'čapek@example.com' },
      metadata: { count: 2, ids: ['42', '43'], total: 31_612_345_678 },
      request: { path: '/api/patients/', query: { page: '2', status: 'active' }, user_agent: 'Čapek/1.0' },
    };
    expect(isNamedIn(OWN, event({}, payload))).toBe(false);
  });
});
