import { describe, expect, it } from 'vitest';

import { aboutList, aboutRecord } from './about.js';
import { idIn, recordsIn, totalIn } from './shown.js';

const PATIENT = { type: 'Patient', id: '7' };

describe('the records that an answer shows', () => {
  const rows = [{ id: 1 }, { id: 'b' }];

  it.each([
    ['a list', rows],
    ['a page', { results: rows, count: 90 }],
    ['a page of another make', { data: { items: rows } }],
    ['a connection of GraphQL', { edges: rows.map((node) => ({ node, cursor: 'x' })) }],
    ['a list by a name of its own', { patients: rows, page: 2 }],
    ['a list with strangers in it', [null, 'text', ...rows, 5, Buffer.from('x')]],
  ])('are found in %s', (_, answer) => {
    expect(recordsIn(answer)?.map(idIn)).toEqual(['1', 'b']);
  });

  it.each([
    ['nothing', undefined],
    ['one record', { id: 1, name: 'x' }],
    ['text', 'results'],
    ['bytes', Buffer.from('[]')],
  ])('are none in %s', (_, answer) => {
    expect(recordsIn(answer)).toBeUndefined();
  });

  it('are counted as the answer says, when it says a number', () => {
    expect([{ count: 90 }, { total: 0 }, { count: '90' }, [], null].map(totalIn)).toEqual([
      90,
      0,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what an event says of one record', () => {
  it('takes the id of the answer before that of the route', () => {
    expect(aboutRecord(PATIENT, { id: 9n }, {}, {}).target).toEqual({ type: 'Patient', id: '9' });
    expect(aboutRecord(PATIENT, { name: 'x' }, {}, {}).target).toMatchObject({ id: '7' });
    expect(aboutRecord(PATIENT, 'text', {}, {})).toEqual({ target: PATIENT });
  });

  it('keeps to the id that the application names', () => {
    expect(aboutRecord(PATIENT, { id: 9 }, {}, { id: () => '7' }).target).toMatchObject({ id: '7' });
  });

  it('finds subject and label by the rules of the model, in either way of writing names', () => {
    const rules = {
      subject: 'patient_id',
      label: {
        columns: ['first_name'],
        text: ({ first_name }: Record<string, unknown>) => `${String(first_name)}!`,
      },
    };
    const about = { target: { type: 'Patient', id: '7', label: 'Ada!' }, subjectId: '3' };
    expect(aboutRecord(PATIENT, { patient_id: 3, first_name: 'Ada' }, rules, {})).toEqual(about);
    expect(aboutRecord(PATIENT, { patientId: 3, firstName: 'Ada' }, rules, {})).toEqual(about);
  });

  it('invents nothing where the answer lacks a column', () => {
    const text = (): string => 'made up';
    const rules = { subject: { columns: ['id', 'kind'], text }, label: { columns: ['name'], text } };
    expect(aboutRecord(PATIENT, { id: 7 }, rules, {})).toEqual({
      target: { type: 'Patient', id: '7', label: undefined },
      subjectId: undefined,
    });
    expect(aboutRecord(PATIENT, { id: 7 }, { subject: 'a.path' }, {}).subjectId).toBeUndefined();
  });

  it('prefers what the selectors say', () => {
    const selectors = {
      select: (answer: unknown) => (answer as { patient: unknown }).patient,
      subject: ({ ward }: Readonly<Record<string, unknown>>) => ward,
      label: () => 'chosen',
    };
    expect(aboutRecord(PATIENT, { patient: { id: 4, ward: 'w' } }, {}, selectors)).toEqual({
      target: { type: 'Patient', id: '4', label: 'chosen' },
      subjectId: 'w',
    });
  });
});

describe('what an event says of a list', () => {
  it('names each subject once, and at most 500 ids beside the full count', () => {
    const rows = Array.from({ length: 900 }, (_, id) => ({ id, patient: id % 3 }));
    const about = aboutList({ type: 'Visit' }, { rows, total: 4_000 }, { subject: 'patient' }, {});
    expect(about).toMatchObject({ subjects: ['0', '1', '2'], metadata: { count: 900, total: 4_000 } });
    expect(about.metadata?.['ids']).toHaveLength(500);
  });
});
