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
    ['a particle of the name', 'van'],
    ['the beginning of a name in a sentence', 'the cape of good hope'],
    ['the server of the address', 'example.com'],
  ])('are not found in %s', (_name, text) => expect(OWN.isIn(text)).toBe(false));

  it.each(['čape', 'CAPE', '%C4%8Cape', 'zoe c', 'Čapek'])('are sought by who types %s', (text) =>
    expect(OWN.isSoughtBy(text)).toBe(true),
  );

  it.each(['', 'z', 'zo', 'čap', 'van', 'the', 'capeka', 'example', 'pek'])(
    'are not sought by who types %s',
    (text) => expect(OWN.isSoughtBy(text)).toBe(false),
  );

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

  it('are not learnt from the parts of an e-mail address', () => {
    const names = namesOf();
    names.add('info@gmail.com');
    for (const text of ['gmail', 'more info', 'ada@gmail.com', 'more.info@gmail.com', 'info@gmail.com.au'])
      expect(names.isIn(text)).toBe(false);
    expect(names.isIn('wrote to <info@gmail.com>.')).toBe(true);
  });

  it('are not learnt from the label of somebody else', () => {
    const names = namesOf(event({ subject_id: '43' }, { subject_label: 'Bob Brown' }));
    expect(names.isIn('Bob Brown')).toBe(false);
  });
});

/** What applications call people, and what stands in a list or a search of theirs. */
const CALLED: readonly (readonly [given: string, texts: readonly string[], others: readonly string[]])[] = [
  ['Li Na', ['Li', 'li na', 'NA LI', 'list of: Li Na'], ['list', 'line', 'lib', 'l', 'na']],
  ['Bo Ek', ['bo', 'Ek, Bo'], ['bob', 'b', 'ekman', 'boek']],
  ['Nguyễn Thị Hòa', ['nguyen thi hoa', 'Hoà', 'NGUYEN'], ['thi', 'hoang']],
  ['Đặng Văn An', ['Dang Van An', 'đặng', 'dang'], ['an appointment', 'van', 'danger']],
  ['An Do', ['an do', 'Do, An', 'DO AN'], ['an', 'do', 'an interview', 'do it']],
  [
    'Will Young',
    ['will young', 'Young, Will', 'with Will Young today'],
    ['will call', 'a young patient', 'young'],
  ],
  ['Dr. Will Young', ['will young', 'Dr Young, Will'], ['Dr', 'he will']],
  ['Søren Müller-Strauß', ['soren', 'Mueller', 'mullerstrauss', 'STRAUSS', 'Müller'], ['mule', 'strauch']],
  ["Conan O'Brien", ['obrien', 'O\u2019Brien', 'o brien'], ['o', 'brienne']],
  ['Maria de la Cruz', ['Cruz, María', 'maria'], ['de la Rosa', 'la', 'mar', 'crux']],
  ['İrem Işık', ['irem isik', 'İREM', 'ışık'], ['ire']],
  ['李明', ['李明', '患者李明来电', '李·明', '李 明'], ['李', '明天', '李华']],
  ['李 明', ['李明', '李 明', '明 李', '致电李明先生'], ['李', '明', '明天', '李']],
  ['山田 太郎', ['山田太郎', '山田 太郎', '太郎 山田', '山田様', '山田・太郎'], ['山', '太', '山本']],
  ['ヤマダ タロウ', ['ヤマダタロウ', 'ﾔﾏﾀﾞ ﾀﾛｳ'], ['ヤマタ']],
  ['김민준', ['김민준', '김민준님', '김 민준', '환자 김민준이 전화'], ['김', '김민', '김미']],
  ['김 민준', ['김민준', '민준 김', '민준'], ['김', '준']],
  ['محمد بن أحمد', ['محمد', 'مُحَمَّد', 'احمد', 'أَحْمَد'], ['بن', 'حمد']],
  ['עדה כהן', ['כהן', 'עָדָה'], ['כה']],
  ['สมชาย ใจดี', ['สมชาย', 'สมชายใจดี', 'นายสมชาย ใจดี'], ['สม']],
  ['मीना कुमारी', ['मीना', 'कुमारी मीना'], ['मोना', 'मन']],
  ['Ольга Королёва', ['королева ольга', 'КОРОЛЁВА'], ['король', 'ольг']],
];

describe.each(CALLED)('%s', (given, texts, others) => {
  const names = new Names();
  names.add(given);

  it.each(texts)('is found in %s', (text) => {
    expect([names.isIn(text), names.isIn(text.normalize('NFD')), names.isSoughtBy(text)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(names.isIn(`/patients?q=${encodeURIComponent(text)}`)).toBe(true);
  });

  it.each(others)('is not found in %s', (text) => expect(names.isIn(text)).toBe(false));
});

const FIRST = [
  'Ada',
  'Bo',
  'Li',
  'José',
  'Zoë',
  'Jean-Luc',
  'Anne Marie',
  'Will',
  'May',
  'An',
  'Mary',
  'Ngọc',
  'Łukasz',
];
const PARTICLE = ['', 'van der', 'de la', 'von', 'bin', 'el', "d'", 'Mc'];
const LAST = [
  'Čapek',
  'Ng',
  'Do',
  'Day',
  'Young',
  "O'Neill",
  'Müller',
  'García Márquez',
  'Martinez',
  'Wells',
  'Øst',
  'Somers',
];
const ENGLISH =
  'the be to of and a in that have i it for not on with he as you do at this but his by from they we say her she or ' +
  'an will my one all would there their what so up out if about who get which go me when make can like time no just ' +
  'him know take people into year your good some could them see other than then now look only come its over think ' +
  'also back after use two how our work first well way even new want because any these give day most us may';

function everyone(): string[] {
  return FIRST.flatMap((first) =>
    PARTICLE.flatMap((particle) =>
      LAST.map((last) => `${first} ${particle} ${last}`.replaceAll(/\s+/g, ' ')),
    ),
  );
}

describe('everybody', () => {
  it('is found by the full name, in any order, case and spelling', () => {
    const lost = everyone().flatMap((name) => {
      const names = new Names();
      names.add(name);
      const [first = '', ...last] = name.split(' ');
      const orders = [name, `${last.join(' ')} ${first}`, `${last.join(' ')}, ${first}`, `Dr. ${name}`];
      return orders
        .flatMap((one) => [
          one,
          one.toLowerCase(),
          one.toUpperCase(),
          one.normalize('NFD'),
          withoutAccents(one),
        ])
        .flatMap((one) => [
          one,
          `called ${one} today`,
          `?q=${encodeURIComponent(one)}`,
          `?q=${one.replaceAll(' ', '+')}`,
        ])
        .filter((text) => !names.isIn(text) || !names.isSoughtBy(text))
        .map((text) => `${name}: ${text}`);
    });
    expect(lost).toEqual([]);
  });

  it('is not found in common words, one by one or in a row', () => {
    const words = ENGLISH.split(' ');
    const found = everyone().flatMap((name) => {
      const names = new Names();
      names.add(name);
      const own = name.toLowerCase().split(' ');
      const row = words.filter((word) => !own.includes(word)).join(' ');
      const sought = words.filter((word) => names.isSoughtBy(word) && !own.includes(word));
      return [...words, row]
        .filter((text) => names.isIn(text))
        .concat(sought)
        .map((text) => `${name}: ${text}`);
    });
    expect(found).toEqual([]);
  });

  it('is sought by who types a name that is a common word, and not found where it stands in a sentence', () => {
    const names = new Names();
    names.add('Will Young');
    expect([names.isSoughtBy('young'), names.isIn('young'), names.isSoughtBy('youn')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is not found by the beginning of another name that somebody typed', () => {
    const names = new Names();
    for (const name of ['Marc', 'Martinez', 'Johnson', 'Christopher', 'Andersson', 'Theodora', 'Vonnegut'])
      names.add(name);
    for (const typed of ['mar', 'mart', 'mary', 'john', 'chris', 'and', 'ander', 'the', 'theo', 'von'])
      expect(names.isSoughtBy(typed), typed).toBe(false);
    for (const typed of ['martin', 'johns', 'christop', 'anders', 'theodo', 'vonneg'])
      expect([names.isSoughtBy(typed), names.isIn(typed)], typed).toEqual([true, false]);
  });
});

function withoutAccents(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('Ł', 'L').replaceAll('Ø', 'O');
}

describe('an event of several people', () => {
  it('is searched for beginnings in what was typed to search with, and nowhere else', () => {
    const named = (core: object, payload: object): boolean => isNamedIn(OWN, event(core, payload));
    expect(named({ action: 'LIST' }, { request: { query: { name: 'čape' } } })).toBe(true);
    expect(named({ action: 'SEARCH' }, { metadata: { search: 'čape' } })).toBe(true);
    for (const payload of [
      { metadata: { search: 'cape' } },
      { reason: 'cape' },
      { request: { path: '/cape' } },
      { request: { body: { text: 'cape' } } },
    ])
      expect(named({ action: 'LIST' }, payload)).toBe(false);
  });

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
