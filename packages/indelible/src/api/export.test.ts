import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries } from '../../test/entries.js';
import { type ApiBed, live, openBed, requestFor } from '../../test/api/bed.js';
import { csvLine } from './export/csv.js';
import { fileName } from './export/formats.js';
import type { WireEvent } from './wire.js';

const HEAD =
  'Timestamp,Actor,Role,Action,Outcome,Model,Record ID,Target,Patient ID,IP Address,User Agent,Reason,Changes,Event ID';

/** RFC 4180 by another hand: the fields of each record. */
function readCsv(text: string): string[][] {
  const records: string[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  for (
    let match = pattern.exec(text);
    match !== null && pattern.lastIndex <= text.length;
    match = pattern.exec(text)
  ) {
    records.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') records.push([]);
    if (match[0] === '') break;
  }
  records.pop();
  return records;
}

describe('a cell of a CSV file', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', '"\'\tx"'],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    ['  =1', "'  =1"],
    ['a;=1', '"a;=1"'],
    ['＝1', "'＝1"],
    ['a"b', '"a""b"'],
    ['a,b', '"a,b"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=HYPERLINK("http://evil.example","x")', '"\'=HYPERLINK(""http://evil.example"",""x"")"'],
    ['plain', 'plain'],
    ['', ''],
  ])('P44: of %j cannot be a formula, and stays one cell', (value, expected) => {
    expect(csvLine([value])).toBe(`${expected}\r\n`);
  });
});

describe('the name of a file', () => {
  it('has its date and time, and the word for whom it is about', () => {
    const now = new Date('2026-03-14T09:30:00.123Z');
    expect(fileName('csv', undefined, now)).toBe('audit_logs_20260314_093000.csv');
    expect(fileName('json', 'patient', now)).toBe('patient_audit_logs_20260314.json');
  });
});

describe.each(['sqlite', 'postgres'] as const)('an export, over %s,', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind);
    await live(bed);
  });
  afterAll(() => bed.close());

  it('P45: holds what the list holds under the same filters, in the same order', async () => {
    for (const filter of [
      'model=Patient',
      'action=view,deleted',
      'patient_id=42&ordering=timestamp&model=Patient',
      'search=zo%C3%AB&days=2&tz=Pacific/Auckland&source=manual',
      'user=nobody',
    ]) {
      const list = (await bed.ask(`logs/?${filter}`, { as: 'north' })).body['results'] as WireEvent[];
      const { body } = await bed.ask(`logs/export/?format=json&${filter}`, { as: 'north' });
      expect(body).toMatchObject({ results: list, count: list.length, truncated: false });
      const lines = (await bed.ask(`logs/export/?format=ndjson&${filter}`, { as: 'north' })).text;
      expect(
        lines
          .split('\n')
          .filter(Boolean)
          .map((line): unknown => JSON.parse(line)),
      ).toEqual(list);
      const rows = readCsv((await bed.ask(`logs/export/?${filter}`, { as: 'north' })).text);
      expect(rows.map((row) => row.at(-1))).toEqual(['Event ID', ...list.map(({ id }) => id)]);
    }
    for (const query of ['nonsense=1', 'format=xls', 'limit=0', 'page_size=5', 'model=Nonsense'])
      expect([query, (await bed.ask(`logs/export/?${query}`, { as: 'north' })).status]).toEqual([query, 400]);
  });

  it('P44: is a CSV file with its fixed columns, full times, and nothing that a spreadsheet would run', async () => {
    await bed.audit.run({ tenantId: 'north' }, () =>
      bed.audit.record({
        action: 'UPDATE',
        actor: { type: 'user', id: 'x', name: '=cmd|calc' },
        target: { type: 'Invoice', id: '@9', label: 'two\nlines, "quoted"' },
        reason: '+1 <script>alert(1)</script>',
        request: { userAgent: '-1' },
        before: { note: 'a' },
        after: { note: '=1+1' },
      }),
    );
    const { text, headers } = await bed.ask('logs/export/?format=csv&model=Invoice', { as: 'north' });
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="audit_logs_\d{8}_\d{6}\.csv"$/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const [head, row] = readCsv(text);
    expect(head?.join(',')).toBe(HEAD);
    expect(row?.[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row?.slice(1, 13)).toEqual(
      ["'=cmd|calc", '', 'UPDATE', 'success', 'Invoice', "'@9", 'two\nlines, "quoted"', '', ''].concat([
        "'-1",
        "'+1 <script>alert(1)</script>",
        '{"note":{"old":"a","new":"=1+1"}}',
      ]),
    );
    const named = await bed.ask('logs/export/?patient_id=42', { as: 'north' });
    expect(named.headers.get('content-disposition')).toMatch(/"patient_audit_logs_\d{8}\.csv"/);
  });

  it('P44: says so when it was cut short, in the file and beside it', async () => {
    const query = 'model=Patient&limit=2';
    const csv = await bed.ask(`logs/export/?${query}`, { as: 'north' });
    expect(readCsv(csv.text).at(-1)?.[0]).toMatch(/^TRUNCATED: more events match than the 2 above/);
    expect(csv.headers.get('x-indelible-truncated')).toBe('true');
    expect((await bed.ask(`logs/export/?format=json&${query}`, { as: 'north' })).body).toMatchObject({
      truncated: true,
      count: 2,
    });
    expect((await bed.ask(`logs/export/?format=ndjson&${query}`, { as: 'north' })).text).toMatch(
      /\n\{"truncated":true,.*\}\n$/,
    );
    const whole = await bed.ask('logs/export/?model=Patient&limit=3', { as: 'north' });
    expect([whole.headers.get('x-indelible-truncated'), whole.text.includes('TRUNCATED')]).toEqual([
      'false',
      false,
    ]);
  });

  it('P46: is recorded once, before it leaves, with its filter, how many events it has and of how many people', async () => {
    const before = (await bed.recorded('AUDIT_EXPORTED')).length;
    const { headers, text } = await bed.ask('logs/export/?model=Patient&format=ndjson', { as: 'north' });
    const events = await bed.recorded('AUDIT_EXPORTED');
    expect(events).toHaveLength(before + 1);
    expect(events.at(-1)).toMatchObject({
      id: headers.get('x-indelible-export'),
      actor: { id: 'n1', name: 'Nora North' },
      tenantId: 'north',
      target: { type: 'AuditEvent' },
      subjects: ['42'],
      metadata: { format: 'ndjson', filter: { model: 'Patient' }, events: 3, subjects: 1, truncated: false },
      request: { method: 'GET', query: { model: 'Patient' } },
    });
    expect([headers.get('x-indelible-events'), headers.get('x-indelible-subjects')]).toEqual(['3', '1']);
    expect(text).not.toContain('AUDIT_EXPORTED');
    // One without a filter holds those before it, and not itself.
    const all = await bed.ask('logs/export/?format=ndjson&ordering=timestamp', { as: 'north' });
    expect(all.text).not.toContain(String(all.headers.get('x-indelible-export')));
    expect(all.text).toContain(String(headers.get('x-indelible-export')));
    expect(await bed.recorded('AUDIT_VIEWED')).not.toContainEqual(
      expect.objectContaining({ request: expect.objectContaining({ route: '/api/audit/logs/export/' }) }),
    );
  });

  it('hands out nothing that could not be recorded', async () => {
    const closed = await openBed(kind);
    await closed.audit.close();
    const { status, headers } = await closed.ask('logs/export/', { as: 'owner' });
    expect([status, headers.get('content-type')]).toEqual([503, 'application/problem+json; charset=utf-8']);
    await closed.close();
  });
});

describe('a large export', () => {
  const COUNT = 15_000;
  let bed: ApiBed;
  /** How many events have been made a line of a file. */
  let made = 0;
  beforeAll(async () => {
    bed = await openBed('sqlite', {
      reveals: () => {
        made += 1;
        return true;
      },
    });
    for (let stored = 0; stored < COUNT; stored += 5_000)
      await bed.store.append(
        someEntries(5_000, (n) => ({ core: { subject_id: String((stored + n) % 7_000) } })),
      );
  });
  afterAll(() => bed.close());

  it('P44: is made while it is read, in pieces that stay small, and none of it ahead of a slow reader', async () => {
    made = 0;
    const response = await bed.api(requestFor('logs/export/?format=ndjson&action=READ', { as: 'owner' }));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    await setTimeout(300);
    // What was read ahead, and one piece behind it.
    expect(made).toBeLessThan(1_500);
    let most = 0;
    let lines = 0;
    for (let piece = first; !piece.done; piece = await reader.read()) {
      most = Math.max(most, piece.value?.byteLength ?? 0);
      for (const byte of piece.value ?? []) if (byte === 10) lines += 1;
    }
    expect([lines, made, most < 1.1 * 1024 ** 2]).toEqual([COUNT, COUNT, true]);
  });

  it('P46: is recorded before its first byte, and what became of it when it has ended', async () => {
    const before = (await bed.recorded('AUDIT_EXPORTED')).length;
    const response = await bed.api(requestFor('logs/export/?format=json&action=READ', { as: 'owner' }));
    const begun = (await bed.recorded('AUDIT_EXPORTED')).slice(before);
    expect(begun).toMatchObject([{ metadata: { format: 'json', events: null, subjects: null } }]);
    expect(response.headers.has('x-indelible-events')).toBe(false);
    const body = (await response.json()) as Record<string, unknown>;
    expect([body['count'], body['subject_count'], body['truncated']]).toEqual([COUNT, 7_000, false]);
    const ended = (await bed.recorded('AUDIT_EXPORTED')).slice(before + 1);
    expect(ended).toMatchObject([
      {
        actor: { id: 'o1' },
        metadata: { export: begun[0]?.id, events: COUNT, subjects: 7_000, complete: true },
      },
    ]);
    expect(ended[0]?.subjects).toHaveLength(500);
  });

  it('P46: that was broken off is recorded as such, with how much of it left', async () => {
    const response = await bed.api(requestFor('logs/export/?action=READ', { as: 'owner' }));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    const last = (await bed.recorded('AUDIT_EXPORTED')).at(-1);
    expect(last).toMatchObject({
      metadata: { export: response.headers.get('x-indelible-export'), complete: false },
    });
    expect(Number(last?.metadata?.['events'])).toBeLessThan(COUNT);
  });

  it('that the store breaks off looks like no whole file, and its operator is told', async () => {
    let isFine = true;
    const reveals = (): boolean => {
      if (!isFine) throw new Error('the rights cannot be read');
      return true;
    };
    const other = await openBed('sqlite', { reveals });
    await other.store.append(someEntries(3_000));
    const response = await other.api(requestFor('logs/export/?format=json&action=READ', { as: 'owner' }));
    isFine = false;
    await expect(response.text()).rejects.toThrow('the rights cannot be read');
    expect(other.errors.map(String)).toEqual([expect.stringContaining('the rights cannot be read')]);
    expect((await other.recorded('AUDIT_EXPORTED')).at(-1)).toMatchObject({ metadata: { complete: false } });
    await other.close();
  });

  it('P46: is no part of itself, also where the newest events come last', async () => {
    const other = await openBed('sqlite');
    await other.store.append(someEntries(2_500));
    const { text, headers } = await other.ask('logs/export/?format=ndjson&ordering=timestamp', {
      as: 'owner',
    });
    const id = String(headers.get('x-indelible-export'));
    expect((await other.recorded('AUDIT_EXPORTED')).map((event) => event.id)).toContain(id);
    expect(text.split('\n').length).toBeGreaterThan(2_500);
    expect(text).not.toContain(id);
    await other.close();
  });
});
