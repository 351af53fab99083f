import { describe, expect, it } from 'vitest';

import type { AuditEvent } from '../event/event.js';
import { createFaultyStore, createTestAudit, type TestAudit } from '../testing.js';
import { createMemoryStore } from '../memory.js';

interface Patient {
  readonly id: number;
  readonly name: string;
}

const PATIENTS = new Map([1, 2].map((id) => [String(id), { id, name: `Patient ${id}` }]));
const models = { Patient: { subject: 'id', label: { columns: ['name'], text: nameOf } }, Leaflet: {} };

function nameOf({ name }: Readonly<Record<string, unknown>>): string {
  return String(name);
}

function refusal(status: number): Error {
  return Object.assign(new Error('refused'), { status });
}

async function eventsOf(audit: TestAudit, work: () => Promise<unknown>): Promise<AuditEvent[]> {
  await work();
  return audit.events();
}

describe('a wrapped function', () => {
  const find = (id: string): Patient | undefined => PATIENTS.get(id);

  it('answers what it always did and records what it read, whom it is about and by whom', async () => {
    const audit = createTestAudit({ models });
    const read = audit.wrap(find, { action: 'READ', model: 'Patient', reason: (id) => `asked for ${id}` });
    const actor = { type: 'service', name: 'letters' } as const;
    expect(await audit.run({ actor }, () => read('2'))).toEqual({ id: 2, name: 'Patient 2' });
    expect(await audit.events()).toMatchObject([
      {
        action: 'READ',
        source: 'read',
        actor: { type: 'service', name: 'letters' },
        target: { type: 'Patient', id: '2', label: 'Patient 2' },
        subjectId: '2',
        reason: 'asked for 2',
      },
    ]);
  });

  it('records each of its calls outside of requests, also two of the same record', async () => {
    const audit = createTestAudit({ models });
    const read = audit.wrap(find, { action: 'READ', model: 'Patient' });
    expect(await eventsOf(audit, () => Promise.all([read('1'), read('1')]))).toHaveLength(2);
  });

  it('P27: records of a list how many there were, which, and whom they are about', async () => {
    const audit = createTestAudit({ models });
    const list = audit.wrap(() => [...PATIENTS.values()], { action: 'LIST', model: 'Patient' });
    const many = audit.wrap(() => Array.from({ length: 700 }, (_, id) => ({ id })), {
      action: 'LIST',
      model: 'Leaflet',
    });
    await many();
    const [first, second] = await eventsOf(audit, list);
    expect(first?.metadata).toMatchObject({ count: 700 });
    expect(first?.metadata?.['ids']).toHaveLength(500);
    expect(second).toMatchObject({ metadata: { count: 2, ids: ['1', '2'] }, subjects: ['1', '2'] });
  });

  it.each([401, 403, 404])(
    'P28: is told as a denied attempt when it throws an error of status %i',
    async (status) => {
      const audit = createTestAudit({ models });
      const thrown = refusal(status);
      const read = audit.wrap(
        (_id: string): Patient => {
          throw thrown;
        },
        { action: 'READ', model: 'Patient' },
      );
      await expect(read('9')).rejects.toBe(thrown);
      expect(await audit.events()).toMatchObject([
        {
          action: 'ACCESS_DENIED',
          outcome: 'denied',
          target: { type: 'Patient', id: '9' },
          metadata: { attempted: 'READ' },
        },
      ]);
    },
  );

  it('P28: tells a missing record of a protected model as a denied attempt, and no other', async () => {
    const audit = createTestAudit({ models });
    await audit.wrap(find, { action: 'READ', model: 'Leaflet' })('9');
    expect(await audit.events()).toEqual([]);
    await audit.wrap(find, { action: 'READ', model: 'Patient' })('9');
    expect(await audit.events()).toMatchObject([
      { action: 'ACCESS_DENIED', target: { type: 'Patient', id: '9' } },
    ]);
  });

  it('is told with its error when it fails, ours or its caller', async () => {
    const audit = createTestAudit({ models });
    for (const error of [new Error('out of paper'), refusal(422)]) {
      const print = async (): Promise<never> => {
        throw error;
      };
      const wrapped = audit.wrap(print, { action: 'PRINT', model: 'Leaflet', id: () => 7 });
      await expect(wrapped()).rejects.toBe(error);
    }
    expect(await audit.events()).toMatchObject([
      { action: 'PRINT', outcome: 'error', target: { id: '7' }, error: { message: 'out of paper' } },
      { action: 'PRINT', outcome: 'failure' },
    ]);
  });

  it('says what else it is told to, such as what was searched for', async () => {
    const audit = createTestAudit({ models });
    const search = audit.wrap((_text: string) => [...PATIENTS.values()], {
      action: 'SEARCH',
      model: 'Patient',
      id: () => undefined,
      metadata: (_answer, text) => ({ search: text }),
    });
    await search('pat');
    expect(await audit.events()).toMatchObject([
      { target: { id: null }, metadata: { search: 'pat', count: 2, ids: ['1', '2'] } },
    ]);
  });

  it('goes on when a function that was to describe it throws, and says so', async () => {
    const codes: string[] = [];
    const audit = createTestAudit({ models, onError: ({ code }) => codes.push(code) });
    const broken = (): never => {
      throw new Error('broken');
    };
    const read = audit.wrap(find, {
      action: 'READ',
      model: 'Patient',
      id: broken,
      reason: broken,
      subject: broken,
    });
    expect(await read('1')).toMatchObject({ id: 1 });
    expect(await audit.events()).toMatchObject([{ action: 'READ', target: { type: 'Patient' } }]);
    expect(new Set(codes)).toEqual(new Set(['INVALID_OPTIONS']));
  });

  it('P15: shows nothing that could not be recorded when its reading fails closed', async () => {
    const store = createFaultyStore(createMemoryStore());
    const audit = createTestAudit({ models, store, failClosed: ['Patient.READ'], onError: () => undefined });
    store.failAlways('not-persisted');
    const read = audit.wrap(find, { action: 'READ', model: 'Patient' });
    await expect(read('1')).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    store.recover();
    expect(await read('1')).toMatchObject({ id: 1 });
  });
});
