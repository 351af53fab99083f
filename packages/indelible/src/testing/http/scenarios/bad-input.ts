import assert from 'node:assert/strict';

import { askRaw, type RawAnswer, rawHead } from '../asking.js';
import type { KitReading, KitRoute } from '../http-binding.js';
import { alone, HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

const ANN = 'Authorization: Kit ann';
const MOST = 513;
const PARAMETERS = 1_000;

/** Requests that nobody should send, and answers that nobody should give: the event is kept, and the request unharmed. */
export const BAD_INPUT: readonly HttpScenario[] = [
  scenario('a user agent of 12 kilobytes is kept in its beginning', {}, async (clinic) => {
    const { status } = await askRaw(
      clinic.origin,
      rawHead('GET /api/invoices/1 HTTP/1.1', [ANN, `User-Agent: ${'kit/1 '.repeat(2_000)}`]),
    );
    assert.equal(status, 200);
    const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    assert.ok(request?.userAgent?.startsWith('kit/1 kit/1') && request.userAgent.length <= MOST);
  }),

  scenario(
    'a head that Node itself refuses leaves nothing, and the next request is told',
    {},
    async (clinic) => {
      const { status } = await askRaw(
        clinic.origin,
        rawHead('GET /api/invoices/1 HTTP/1.1', [ANN, `User-Agent: ${'x'.repeat(20_000)}`]),
      );
      assert.equal(status, 431);
      await askRaw(clinic.origin, 'GARBAGE\r\n\r\n');
      await clinic.ask('/api/invoices/1', { as: 'ann' });
      await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    },
  ),

  scenario(
    'bytes in headers that are no UTF-8 cost no event',
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const bytes = Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]).toString('latin1');
      const names = [
        'User-Agent',
        'X-Forwarded-For',
        'X-Request-Id',
        'X-Audit-Reason',
        'Traceparent',
        'Referer',
      ];
      const headers = [ANN, ...names.map((name) => `${name}: ${bytes}`)];
      await askRaw(clinic.origin, rawHead('GET /api/patients/1 HTTP/1.1', headers));
      const { reason, request, traceId } = await clinic.expectOne('READ Patient 1 by ann: success 200');
      assert.deepEqual(
        [reason, request?.userAgent, request?.forwardedFor, traceId],
        [bytes, bytes, bytes, null],
      );
      assert.equal(request?.ipSource, 'socket');
    },
  ),

  scenario(
    'NUL, halves of characters and line breaks in a path or a query are replaced or kept',
    {},
    async (clinic) => {
      for (const id of ['%00', 'a%0D%0Ab', '%E2%80%AE%E2%80%8B', '%1B%5B31m']) {
        const { status } = await clinic.ask(`/api/invoices/${id}?q=${id}`, { as: 'ann' });
        assert.equal(status, 200);
      }
      const events = await clinic.newEvents(4);
      assert.deepEqual(
        events.map(({ target }) => target?.id),
        ['\uFFFD', 'a\r\nb', '\u202E\u200B', '\u001B[31m'],
      );
      assert.deepEqual(events[0]?.request?.query, { q: '\uFFFD' });
    },
  ),

  scenario('a reason with NUL and half a character is mended', {}, async (clinic) => {
    const body = '{"reason":"for \\u0000 the \\ud800 insurer"}';
    const headers = { 'content-type': 'application/json' };
    await clinic.ask('/api/patients/1/print', { method: 'POST', as: 'ann', body, headers });
    const { reason } = await clinic.expectOne('PRINT Patient 1 by ann: success 200');
    assert.equal(reason, 'for \uFFFD the \uFFFD insurer');
  }),

  unharmed('paths whose percent signs mean nothing are answered as without the adapter', [
    'GET /api/invoices/%zz HTTP/1.1',
    'GET /api/invoices/% HTTP/1.1',
    'GET /api/invoices/%ff%fe HTTP/1.1',
    'GET /api/patients/%ED%A0%80 HTTP/1.1',
    'GET /api/patients/%zz?reason=%zz&%=% HTTP/1.1',
    'GET /api/patients?q=%zz%ff HTTP/1.1',
  ]),

  unharmed('strange targets and methods are answered as without the adapter', [
    'GET http://kit/api/invoices/7 HTTP/1.1',
    'GET http://kit/api/invoices/7?x=1 HTTP/1.1',
    'GET http:///api/invoices/7 HTTP/1.1',
    'GET //api/invoices/7 HTTP/1.1',
    'GET /api//invoices//7 HTTP/1.1',
    'GET /api/invoices/../patients/1 HTTP/1.1',
    'GET /api/invoices/7#fragment HTTP/1.1',
    'GET ?x HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'PROPFIND /api/invoices/7 HTTP/1.1',
    'PURGE /api/patients/1 HTTP/1.1',
    'QUERY /api/patients HTTP/1.1',
    'BREW /api/patients HTTP/1.1',
    'TRACE /api/patients/1 HTTP/1.1',
    `GET /api/invoices/${'7'.repeat(12_000)} HTTP/1.1`,
    `GET /api/${'a/'.repeat(5_000)} HTTP/1.1`,
  ]),

  scenario('a whole address in the place of a path is told as its path', {}, async (clinic) => {
    const answer = await askRaw(clinic.origin, rawHead('GET http://kit/api/invoices/7?x=1 HTTP/1.1', [ANN]));
    if (answer.status !== 200) return clinic.disregard();
    const { request } = await clinic.expectOne('API_REQUEST Invoice 7 by ann: success 200');
    assert.deepEqual([request?.path, request?.query], ['/api/invoices/7', { x: '1' }]);
  }),

  scenario('a query named as what objects inherit from harms nothing', {}, async (clinic) => {
    const query = '__proto__=x&constructor=y&__proto__[polluted]=z&hasOwnProperty=&toString=1&prototype[a]=2';
    const { status } = await clinic.ask(`/api/invoices/1?${query}`, { as: 'ann' });
    assert.equal(status, 200);
    const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    const kept = Object.entries(request?.query as Record<string, unknown>);
    assert.ok(kept.some(([name, value]) => name === 'constructor' && value === 'y'));
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  }),

  scenario(`a query of ${PARAMETERS} parameters is kept in part`, {}, async (clinic) => {
    const query = Array.from({ length: PARAMETERS }, (_, n) => `p${n}=${n}`).join('&');
    await clinic.ask(`/api/invoices/1?${query}`, { as: 'ann' });
    const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
    const kept = request?.query as Record<string, unknown>;
    assert.equal(kept['p0'], '0');
    assert.ok(Object.keys(kept).length < PARAMETERS);
  }),

  scenario('answers that nobody may look at are answered, and told', {}, async (clinic) => {
    for (const kind of ['getters', 'cycles', 'proxies']) {
      const { status, text } = await clinic.ask(`/api/odd/${kind}/2`, { as: 'ann' });
      assert.deepEqual([status, JSON.parse(text).name], [200, 'Cleo Cedar'], kind);
      await clinic.expectOne('READ Patient 2 by ann: success 200');
    }
    for (const { message } of clinic.takeErrors()) assert.match(message, /nobody may look/);
  }),

  scenario(
    'selectors that throw are reported, and cost neither the answer nor the event',
    { route: withThrowingSelectors },
    async (clinic) => {
      for (const path of ['/api/patients/1', '/api/patients', '/api/exports/patients']) {
        assert.equal((await clinic.ask(path, { as: 'ann' })).status, 200);
      }
      await clinic.expectTold(
        'READ Patient 1 by ann: success 200',
        'LIST Patient by ann: success 200',
        'EXPORT Patient by ann: success 200',
      );
      const errors = clinic.takeErrors();
      assert.ok(errors.length >= 2);
      for (const { message } of errors) assert.match(message, /the selector is broken/);
    },
  ),
];

function withThrowingSelectors({ reading, ...route }: KitRoute): KitRoute {
  if (reading === undefined) return route;
  const broken = (): never => {
    throw new Error('the selector is broken');
  };
  const options: KitReading['options'] = {
    ...reading.options,
    select: broken,
    subject: broken,
    label: broken,
  };
  return { ...route, reading: { ...reading, options } };
}

/** Each is answered as it would be without the adapter, and leaves one event at most. */
function unharmed(title: string, lines: readonly string[]): HttpScenario {
  return {
    title,
    run: async (binding) => {
      const plain = await HttpClinic.openPlain(binding);
      try {
        await alone(binding, {}, (clinic) => expectUnharmed(clinic, plain, lines));
      } finally {
        await plain.abandon();
      }
    },
  };
}

async function expectUnharmed(
  clinic: HttpClinic,
  plain: HttpClinic,
  lines: readonly string[],
): Promise<void> {
  for (const line of lines) {
    const head = rawHead(line, [ANN]);
    const [answer, expected] = [await askRaw(clinic.origin, head), await askRaw(plain.origin, head)];
    assert.deepEqual(shown(answer), shown(expected), line);
    await clinic.ask('/api/health');
    const events = await clinic.newEvents(0);
    assert.ok(events.length <= 1, `${line}: ${events.length} events`);
    for (const { request } of events) assert.equal(request?.statusCode, answer.status, line);
  }
}

function shown({ status, text }: RawAnswer): unknown {
  return { status, text: text.replace(/^date: .*$/im, 'Date: today') };
}
