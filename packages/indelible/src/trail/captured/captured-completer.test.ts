import { describe, expect, it } from 'vitest';

import type { Change, RowChange } from '../../capture/row-change.js';
import { Completer } from '../../event/complete.js';
import type { Entry } from '../../event/entry.js';
import type { AuditEvent } from '../../event/event.js';
import { timeOf } from '../../event/id.js';
import { readEvent } from '../../event/read.js';
import { createMemoryStore } from '../../memory.js';
import type { AuditOptions, ModelOptions } from '../options.js';
import { settingsOf } from '../options.js';
import type { OutboxRow } from '../outbox.js';
import { CapturedCompleter } from './captured-completer.js';
import { LastSubjects } from './last-subject.js';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const CONTEXT = JSON.stringify({ actor: { type: 'user', id: '7', name: 'A Doctor' }, reason: 'visit' });
const UPDATE: RowChange = {
  op: 'UPDATE',
  model: 'Appointment',
  key: ['id'],
  before: { id: 91, status: 'booked', title: 'Check' },
  after: { status: 'done' },
  subject: '42',
};

function outboxRow(changes: readonly Change[], about: Partial<OutboxRow> = {}): OutboxRow {
  return {
    seq: '17',
    at: AT,
    salt: '00112233445566778899aabbccddeeff',
    transactionId: '801',
    context: CONTEXT,
    bodies: changes.map((change) => JSON.stringify(change)),
    ...about,
  };
}

async function entriesOf(
  row: OutboxRow,
  models: Readonly<Record<string, ModelOptions>> = {},
  store = createMemoryStore(),
): Promise<Entry[]> {
  const options: AuditOptions<Record<never, never>> = { store, models };
  const completer = new Completer(settingsOf(options));
  return new CapturedCompleter({ completer, models, lastSubjects: new LastSubjects(store) }).entriesOf(row);
}

async function eventOf(change: Change, models?: Readonly<Record<string, ModelOptions>>): Promise<AuditEvent> {
  const [entry] = await entriesOf(outboxRow([change]), models);
  if (entry === undefined) throw new Error('The change made no event.');
  return readEvent({ ...entry, recordedAt: null });
}

describe('a captured change', () => {
  it('becomes an event of its context, its transaction, and the moment it was written', async () => {
    expect(await eventOf(UPDATE)).toMatchObject({
      action: 'UPDATE',
      source: 'model',
      outcome: 'success',
      actor: { id: '7', name: 'A Doctor' },
      reason: 'visit',
      target: { type: 'Appointment', id: '91' },
      subjectId: '42',
      changes: { status: { old: 'booked', new: 'done' } },
      operation: 'Appointment.update',
      transactionId: '801',
      timestamp: new Date(AT).toISOString(),
    });
  });

  it('P12: is completed to the same bytes however often it is completed', async () => {
    const row = outboxRow([UPDATE, { ...UPDATE, after: { status: 'open' } }]);
    expect(await entriesOf(row)).toEqual(await entriesOf(row));
  });

  it('P14: has ids in the order of writing, within a row and from row to row', async () => {
    const rows = ['1048574', '1048575'].map((seq, i) =>
      outboxRow([UPDATE, UPDATE, UPDATE], { seq, salt: `${i}`.repeat(32) }),
    );
    const ids = (await Promise.all(rows.map((row) => entriesOf(row)))).flat().map(({ core }) => core.id);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(6);
    expect(ids.every((id) => timeOf(id) === AT)).toBe(true);
  });

  it('gives every event of a row a salt of its own', async () => {
    const entries = await entriesOf(outboxRow([UPDATE, UPDATE]));
    expect(new Set(entries.map(({ salt }) => salt)).size).toBe(2);
    expect(entries.every(({ salt }) => /^[0-9a-f]{32}$/.test(salt ?? ''))).toBe(true);
  });

  it('P6: keeps numbers exactly', async () => {
    const body = '{"op":"INSERT","model":"Count","key":["id"],"after":{"id":9007199254740993,"n":0.10}}';
    const [entry] = await entriesOf({ ...outboxRow([]), bodies: [body] });
    expect(entry?.core.target?.id).toBe('9007199254740993');
    expect(entry?.payload).toContain('9007199254740993');
  });

  it('P9: names a composite key by a JSON array, and a record without a key by none', async () => {
    const linked: RowChange = { op: 'INSERT', model: 'Link', key: ['a', 'b'], after: { a: 1, b: 'x' } };
    expect((await eventOf(linked)).target?.id).toBe('[1,"x"]');
    expect((await eventOf({ ...linked, key: [] })).target?.id).toBeNull();
  });

  it('P9: of a changed key is an event of the record as it was called before', async () => {
    const renamed: RowChange = { ...UPDATE, before: { id: 1 }, after: { id: 2 } };
    expect(await eventOf(renamed)).toMatchObject({
      target: { id: '1' },
      changes: { id: { old: 1, new: 2 } },
    });
  });

  it('P38: of a hidden column shows that it changed, and no value', async () => {
    const hidden: RowChange = { ...UPDATE, before: { id: 1, pin: 0 }, after: { pin: 1 } };
    expect(await eventOf(hidden, { Appointment: { redact: ['pin'] } })).toMatchObject({
      changes: { pin: { old: '[redacted]', new: '[redacted]' } },
    });
  });

  it('takes label, subject and tenant from the columns they ask for', async () => {
    const models: Record<string, ModelOptions> = {
      Appointment: {
        label: {
          columns: ['title', 'status'],
          text: (a) => `${String(a['title'])} (${String(a['status'])})`,
        },
        subject: { columns: ['id'], text: ({ id }) => `patient of ${String(id)}` },
        tenant: { columns: ['title'], text: () => 'north' },
      },
    };
    expect(await eventOf({ ...UPDATE, subject: undefined }, models)).toMatchObject({
      target: { label: 'Check (done)' },
      subjectId: 'patient of 91',
      tenantId: 'north',
    });
  });

  it('is kept when a function of the options throws', async () => {
    const text = (): string => {
      throw new Error('no such thing');
    };
    const event = await eventOf(UPDATE, { Appointment: { label: { columns: ['title'], text } } });
    expect(event.target).toMatchObject({ id: '91', label: null });
  });

  it('falls back to the subject of the record before, when a cascade has broken the path', async () => {
    const models = { Appointment: { subject: 'invoice.patient_id' } };
    const store = createMemoryStore();
    const gone: RowChange = { ...UPDATE, op: 'DELETE', after: undefined, subject: null };
    const [together] = (await entriesOf(outboxRow([UPDATE, gone]), models, store)).slice(1);
    expect(together?.core.subject_id).toBe('42');
    await store.append(await entriesOf(outboxRow([UPDATE]), models, store));
    const [later] = await entriesOf(outboxRow([gone], { seq: '18' }), models, store);
    expect(later?.core.subject_id).toBe('42');
  });

  it('that could not be taken apart is told as a STATEMENT', async () => {
    const told: Change = {
      op: 'STATEMENT',
      models: ['Appointment', 'Invoice'],
      verb: 'MERGE',
      fingerprint: 'ab'.repeat(32),
      rows: 3,
      reason: 'MERGE cannot be taken apart',
    };
    expect(await eventOf(told)).toMatchObject({
      action: 'STATEMENT',
      target: { type: 'Appointment', id: null },
      metadata: { models: ['Appointment', 'Invoice'], verb: 'MERGE', rows: 3 },
    });
  });

  it('keeps the change when its context is no JSON', async () => {
    const [entry] = await entriesOf(outboxRow([UPDATE], { context: 'not JSON' }));
    expect(entry?.core.actor).toEqual({ type: 'system' });
  });

  it('that cannot be read is told by what was done, and takes no other along', async () => {
    const body = '{"op":"DELETE","model":"Note","key":["id"],"before":{"id":1,"text":"cut off';
    const good = JSON.stringify(UPDATE);
    const entries = await entriesOf({ ...outboxRow([]), bodies: [body, good, 'not JSON'] });
    const [unread, read, nothing] = entries.map((entry) => readEvent({ ...entry, recordedAt: null }));
    expect(unread).toMatchObject({
      action: 'DELETE',
      target: { type: 'Note', id: null },
      flags: ['invalid_input'],
      actor: { id: '7' },
    });
    expect(read).toMatchObject({ action: 'UPDATE', flags: [] });
    expect(nothing).toMatchObject({ action: 'STATEMENT', flags: ['invalid_input'] });
  });
});
