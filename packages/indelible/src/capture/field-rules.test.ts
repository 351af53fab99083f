import { describe, expect, it } from 'vitest';

import { type FieldRules, type ModelNames, modelsByColumn } from './field-rules.js';

function names(table: string, columns: Record<string, string>, related: string[] = []): ModelNames {
  return { table, columns: new Map(Object.entries(columns)), related };
}

const CLINIC = new Map([
  ['Patient', names('patients', { id: 'id', fullName: 'full_name', phone: 'phone_number' })],
  ['Visit', names('visits', { id: 'id', patientId: 'patient_id', roomId: 'room_id' }, ['Patient', 'Room'])],
  ['Invoice', names('billing.invoices', { id: 'id', visitId: 'visit_id' }, ['Visit'])],
  ['Room', names('rooms', { id: 'room_no', floor: 'floor' })],
]);

describe('the rules of models', () => {
  it('are told by the names of the database, and every model has its table', () => {
    const rules: Record<string, FieldRules> = {
      Patient: { exclude: ['phone'], redact: ['fullName'], ignore: ['id'] },
    };
    expect(modelsByColumn(CLINIC, rules)).toMatchObject({
      Patient: { table: 'patients', exclude: ['phone_number'], redact: ['full_name'], ignore: ['id'] },
      Visit: { table: 'visits' },
      Invoice: { table: 'billing.invoices' },
    });
  });

  it('leave a table out under its own name', () => {
    const models = modelsByColumn(CLINIC, { Visit: false });
    expect(models).toMatchObject({ visits: false });
    expect(models).not.toHaveProperty('Visit');
  });

  it('follow a path from model to model', () => {
    expect(modelsByColumn(CLINIC, { Invoice: { subject: 'visitId.patientId', tenant: 'id' } })).toMatchObject(
      {
        Invoice: { subject: 'visit_id.patient_id', tenant: 'id' },
      },
    );
  });

  it('give a function the fields it asked for, by the names it knows', () => {
    const label = {
      columns: ['fullName'],
      text: (record: object): string => JSON.stringify(record),
    };
    const { Patient } = modelsByColumn(CLINIC, { Patient: { label } });
    const kept = Patient === false ? undefined : Patient?.label;
    expect(kept?.columns).toEqual(['full_name']);
    expect(kept?.text({ full_name: 'Ada', phone_number: '1' })).toBe('{"fullName":"Ada"}');
  });

  it.each<[string, Record<string, FieldRules>, RegExp]>([
    ['a model', { Pacient: {} }, /the model "Pacient".*Patient, Visit/],
    ['a field', { Patient: { redact: ['fone'] } }, /the field "fone" of Patient.*id, fullName, phone/],
    ['a step of a path', { Invoice: { subject: 'visitId.pacientId' } }, /the field "pacientId" of Visit/],
    [
      'a step that two models write differently',
      { Visit: { subject: 'patientId.id' } },
      /the field "id" of Patient, Room/,
    ],
  ])('refuse %s that is not there', (_, rules, message) => {
    expect(() => modelsByColumn(CLINIC, rules)).toThrow(message);
  });
});
