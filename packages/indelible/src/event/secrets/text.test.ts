import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Redactor } from '../redaction.js';

const redactor = new Redactor();
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
const PEM = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJA=\n-----END RSA PRIVATE KEY-----';

type Row = readonly [text: string, masked: string];

function list(items: string): string[] {
  return items.split('|');
}

function table(title: string, rows: readonly Row[]): void {
  it.each(rows)(`P37: ${title}: %s`, (text, masked) => {
    expect(redactor.mask(text)).toBe(masked);
  });
}

describe('secrets in a text', () => {
  table('query strings and forms', [
    ['?token=abc&page=2', '?token=[redacted]&page=2'],
    ['/reset?page=2&token=abc#top', '/reset?page=2&token=[redacted]#top'],
    ['https://c.example/a?api%5Fkey=abc', 'https://c.example/a?api%5Fkey=[redacted]'],
    ['password=hunter2&name=Ann', 'password=[redacted]&name=Ann'],
    ["password=a;b,c)'d&name=Ann", 'password=[redacted]&name=Ann'],
    ['user[password]=x&user[name]=Ann', 'user[password]=[redacted]&user[name]=Ann'],
    ['user%5Bpassword%5D=x&a=1', 'user%5Bpassword%5D=[redacted]&a=1'],
    ['?tokens=["a","b"]&a=1', '?tokens=[redacted]&a=1'],
    ['client+secret=x&a=1', 'client+secret=[redacted]&a=1'],
    ['GET /a?access_token=x HTTP/1.1', 'GET /a?access_token=[redacted] HTTP/1.1'],
    [
      '?next=https%3A%2F%2Fc.example%2F%3Ftoken%3Dabc',
      '?next=https%3A%2F%2Fc.example%2F%3Ftoken%3D%5Bredacted%5D',
    ],
    ['?filter=%7B%22password%22%3A%22x%22%7D', '?filter=%7B%22password%22%3A%22%5Bredacted%5D%22%7D'],
    ['?a=1%253Ftoken%253Dabc', '?a=1%253Ftoken%253D%255Bredacted%255D'],
    ['?a=%E9%3Ftoken%3Dabc', '?a=%25E9%3Ftoken%3D%5Bredacted%5D'],
    ['note=4111+1111+1111+1111%2E', 'note=%5Bredacted%5D.'],
  ]);

  table('free text', [
    ['password: hunter2', 'password: [redacted]'],
    ['Password = hunter2', 'Password = [redacted]'],
    ['login failed (password: hunter2).', 'login failed (password: [redacted]).'],
    [
      'login failed for ann, password=hun,ter;2, code 401',
      'login failed for ann, password=[redacted], code 401',
    ],
    ['{user=ann,password=x,role=admin}', '{user=ann,password=[redacted],role=admin}'],
    ['Server=db;Password=x;Database=clinic', 'Server=db;Password=[redacted];Database=clinic'],
    ['Password: "correct horse", then', 'Password: "[redacted]", then'],
    ["{ password: 'it\\'s', a: 1 }", "{ password: '[redacted]', a: 1 }"],
    ['"password" => "x", "a" => 1', '"password" => "[redacted]", "a" => 1'],
    ['password=>x', 'password=>[redacted]'],
    ['if password == "x"', 'if password == "[redacted]"'],
    ['secret := x', 'secret := [redacted]'],
    ['?token==x;y&a=1', '?token=[redacted]&a=1'],
    ['API key: abc', 'API key: [redacted]'],
    ['credit card number: 12', 'credit card number: [redacted]'],
    ['Social security number: 078-05-1120', 'Social security number: [redacted]'],
    ['PIN: 1234', 'PIN: [redacted]'],
    ['tokens: ["a","b"], page: 2', 'tokens: [redacted], page: 2'],
    ['tokens: ["a]"]x, page: 2', 'tokens: [redacted], page: 2'],
    ['"card": {"n": "}", "m": [1]}, "a": 1', '"card": [redacted], "a": 1'],
    ['token: Bearer abc', 'token: [redacted]'],
  ]);

  table('headers', [
    ['Authorization: Bearer abc', 'Authorization: [redacted]'],
    ['authorization: Digest username="ann", response="x"\r\nHost: c', 'authorization: [redacted]\r\nHost: c'],
    ['Host: c\r\nCookie: a=b; c="d"\r\nAccept: x', 'Host: c\r\nCookie: [redacted]\r\nAccept: x'],
    ['Set-Cookie: a=b; Path=/', 'Set-Cookie: [redacted]'],
    [
      'curl -H "Authorization: Bearer abc" https://c.example',
      'curl -H "Authorization: [redacted]" https://c.example',
    ],
    ["curl -H 'Cookie: a=b' -v", "curl -H 'Cookie: [redacted]' -v"],
    ["{ authorization: 'Bearer abc', host: 'c' }", "{ authorization: '[redacted]', host: 'c' }"],
    ['X-Api-Key: abc', 'X-Api-Key: [redacted]'],
  ]);

  table('JSON', [
    ['{"password":"x","a":1}', '{"password":"[redacted]","a":1}'],
    [' {"a": [{"apiKey": 7}, "b"]} ', '{"a":[{"apiKey":"[redacted]"},"b"]}'],
    ['[{"a":{"b":{"ClientSecret":{"c":1}}}}]', '[{"a":{"b":{"ClientSecret":"[redacted]"}}}]'],
    ['{"url":"/a?token=x&b=1"}', '{"url":"/a?token=[redacted]&b=1"}'],
    ['{"body":"{\\"password\\":\\"x\\"}"}', '{"body":"{\\"password\\":\\"[redacted]\\"}"}'],
    ['{"p\\u0061ssword":"x"}', '{"password":"[redacted]"}'],
    ['["\\u0065yJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s"]', '["[redacted]"]'],
    ['{"password":"x","password":"[redacted]"}', '{"password":"[redacted]"}'],
    ['{"n":4111111111111111}', '{"n":"[redacted]"}'],
    ['[{"name":"password","value":"x"}]', '[{"name":"password","value":"[redacted]"}]'],
    ['{"__proto__":{"token":"x"}}', '{"__proto__":{"token":"[redacted]"}}'],
    [`{"${JWT}":1}`, '{"[redacted]":1}'],
    ['body {"password":"x","a":1} refused', 'body {"password":"[redacted]","a":1} refused'],
    ['{"a":1,"password":"hunt', '{"a":1,"password":"[redacted]'],
    ['got {\\"password\\":\\"x\\\\\\"y\\",\\"a\\":1}', 'got {\\"password\\":\\"[redacted]\\",\\"a\\":1}'],
    ['log "password":\n  "x" end', 'log "password":\n  "[redacted]" end'],
    [
      `${'['.repeat(30_000)}{"pin":"x"}${']'.repeat(30_000)}`,
      `${'['.repeat(30_000)}{"pin":"[redacted]"}${']'.repeat(30_000)}`,
    ],
  ]);

  table('values that give themselves away', [
    [`it was ${JWT}, he said`, 'it was [redacted], he said'],
    [`%3D${JWT}`, '%3D[redacted]'],
    ['Bearer abc', 'Bearer [redacted]'],
    ['sent bearer 0a1b2c twice', 'sent bearer [redacted] twice'],
    ['Basic dXNlcjpwYXNz', 'Basic [redacted]'],
    ['basic YTpi', 'basic [redacted]'],
    [`${PEM}\nafter`, '[redacted]\nafter'],
    [PEM.replaceAll('\n', '\\n'), '[redacted]'],
    [PEM.slice(0, 50), '[redacted]'],
    [`a ${PEM} b ${PEM} c`, 'a [redacted] b [redacted] c'],
    ['postgres://ann:x@db.example:5432/c', 'postgres://[redacted]@db.example:5432/c'],
    ['redis://:x@cache', 'redis://[redacted]@cache'],
    ['amqp://a:x@y@host/v', 'amqp://[redacted]@host/v'],
    ['postgres://a:x/y@host/v', 'postgres://[redacted]@host/v'],
    ['postgres://a:1234@host and http://b:c@d', 'postgres://[redacted]@host and http://[redacted]@d'],
    ['https://ghp_0123456789abcdef@git.example/a', 'https://[redacted]@git.example/a'],
    ['mail a@b.example, then ftp://u:p@h', 'mail a@b.example, then ftp://[redacted]@h'],
    ['uses AKIAIOSFODNN7EXAMPLE', 'uses [redacted]'],
    ['ASIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['paid with 4111111111111111.', 'paid with [redacted].'],
    ['paid with 4111 1111 1111 1111', 'paid with [redacted]'],
    ['2 4111-1111-1111-1111 2', '2 [redacted] 2'],
    ['2024 4111 1111 1111 1111', '2024 [redacted]'],
    ['3782 822463 10005', '[redacted]'],
    ['30569309025904', '[redacted]'],
    ['4222222222222', '[redacted]'],
    ['5555555555554444 2223003122003222', '[redacted] [redacted]'],
    ['6011111111111117/3530111333300000/6200000000000005', '[redacted]/[redacted]/[redacted]'],
  ]);

  it.each([
    '',
    ' ',
    'Ann Smith',
    'the password was changed',
    'token economy agreed with the family',
    'Token economy: five stickers',
    'Prior authorization: granted',
    'max tokens: 4096, tokens_used=12',
    'see https://clinic.example/a?page=2',
    'https://clinic.example:8080/@ann?q=a:b@c',
    'http://[::1]:80/a@b',
    'git://git@git.example/a',
    'ann.smith@clinic.example',
    'mailto:ann@clinic.example',
    '?token=&page=2',
    'password=',
    'password:',
    'password: ...',
    'sort=author&key=title&code=J45.1',
    'at 10:30:00, seen by Dr Lee: all well',
    '2026-01-02T10:30:00.000Z',
    'Token::new failed',
    'token://a',
    '550e8400-e29b-41d4-a716-446655440000',
    '11111111-1111-4111-8111-111111111111',
    '018f4e5c-4111-7111-8111-111111111111',
    '1767349800000',
    '1767349800000000',
    '4111111111111112',
    '1234567812345670',
    'a4111111111111111',
    '4111111111111111-a',
    '41111111111111111',
    '0.4111111111111111',
    '+61 412 345 678',
    '+4111111111111111',
    '(02) 9876 5432, 0412 345 678',
    'BP 120 80 pulse 72 temp 36 6 sats 98 99 97 96 95',
    'basic metabolic panel',
    'Basic Life Support 2026',
    'Basic understanding-of-the-condition',
    'the bearer signs here',
    'Bearer token missing',
    'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
    'eyJ is how it begins. eyJshort.x',
    'XAKIAIOSFODNN7EXAMPLE',
    '-----BEGIN the session-----',
    '100% of 50%ile, a+b',
    '?q=100%25%20sure&r=%C3%A9',
    '{"name":"Ann","token":null,"tokens_used":3,"n":1767349800000}',
    '{ "spaced" : [ 1 , 2.0 ] }',
    '[info] all well',
    '[redacted]',
    '{not json}',
    '{}',
  ])('P37: leaves alone: %s', (text) => {
    expect(redactor.mask(text)).toBe(text);
  });

  it('follows the names it is given', () => {
    const own = new Redactor({ names: ['mrn'], keep: ['pin'] });
    expect(own.mask('?mrn=7&pin=1&token=x')).toBe('?mrn=[redacted]&pin=1&token=[redacted]');
  });

  it('does not parse JSON above 64 KiB, yet hides what it finds in it', () => {
    const masked = redactor.mask(JSON.stringify({ password: 'hunter2', rest: 'x'.repeat(70_000) }));
    expect(masked).not.toContain('hunter2');
    expect(JSON.parse(masked)).toMatchObject({ password: '[redacted]' });
  });
});

const SECRET_NAME = fc.constantFrom(
  'password',
  'api_key',
  'X-Api-Key',
  'clientSecret',
  'card_number',
  'a[b][token]',
  'cvv2',
);
const VALUE = fc.stringMatching(/^[ -~]{3,30}$/).map((text) => `s3cret${text}s3cret`);
const PIECES = [
  ...list(
    'password|token|api key|Authorization|Cookie|note|Bearer |Basic |eyJ|u:p@|=|:|: |&|?|#|;|,| |"|`|\\"|\\\\|[|]|{|}|(|)',
  ),
  ...list(
    '%3D|%22|%3A|%5B|%25|%|+|://|@|-|.|4111 1111 1111 1111|AKIAIOSFODNN7EXAMPLE|[redacted]|%5Bredacted%5D|10:30|é',
  ),
  ...list('{"a":1}|{"password":"x"}|-----BEGIN K-----'),
  JWT,
  PEM,
  '\r\n',
  "'",
  '\ud800',
];
const HOSTILE = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join('')),
  fc
    .array(fc.constantFrom(...PIECES), { maxLength: 6 })
    .map((pieces) => JSON.stringify({ a: pieces.join(''), pieces })),
  fc.string({ unit: 'binary' }),
  fc.json(),
);

const SHORT = 1 << 15;
const LONG = SHORT * 16;
/** Sixteen times the length may take sixteen times as long, give or take; a square would take 256 times. */
const QUADRATIC = 100;

/** How many times the processor time of a short text a long one takes. */
function growth(make: (length: number) => string): number {
  const [short, long] = [make(SHORT), make(LONG)].map((text) => Math.min(cost(text), cost(text), cost(text)));
  return (long ?? Number.NaN) / Math.max(short ?? Number.NaN, 500);
}

/** Microseconds of this process, which others on the machine do not lengthen. */
function cost(text: string): number {
  const before = process.cpuUsage();
  redactor.mask(text);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

describe('any text', () => {
  it('P37: never keeps a secret under a secret name, in a query, a form, a header, JSON or a URL within', () => {
    fc.assert(
      fc.property(SECRET_NAME, VALUE, (name, value) => {
        const query = `/a?page=2&${encodeURIComponent(name)}=${encodeURIComponent(value)}&sort=up`;
        const json = JSON.stringify({ a: [{ [name]: value }], b: 1 });
        const texts = [
          query,
          `${name}=${encodeURIComponent(value)}`,
          new URLSearchParams({ page: '2', [name]: value }).toString(),
          `?next=${encodeURIComponent(`https://c.example${query}`)}`,
          `Referer: https://c.example${query}`,
          json,
          `refused: ${json}`,
          JSON.stringify({ body: json }),
          `refused: ${JSON.stringify({ body: json })}`,
          `?filter=${encodeURIComponent(json)}`,
          JSON.stringify({ url: query }),
        ];
        for (const text of texts) expect(redactor.mask(text)).not.toContain('s3cret');
      }),
      { numRuns: 500 },
    );
  });

  it('P37: masks to a text that masks to itself, and never throws', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const masked = redactor.mask(text);
        expect(redactor.mask(masked)).toBe(masked);
      }),
      { numRuns: 5000 },
    );
  });

  it('P37: masks valid JSON to valid JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('token', 'a', 'pin:'), fc.oneof(HOSTILE, fc.jsonValue())),
        (value) => {
          expect(() => JSON.parse(redactor.mask(JSON.stringify(value))) as unknown).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ...list(
      'a|=|4|eyJ|://|{|[|"|\\|@|-| |a=|://a:|://a:b@|eyJ.|a.|{"a":|pin=|pin="|pin=\\"|pin:[|pin: ,|pin:)|key: |"pin": ',
    ),
    ...list(
      'Cookie: "|Bearer |basic |%41|%25|%7B%22|4111 |4111 1111 1111 1112 |AKIA|-----BEGIN |-----BEGIN A-----|é',
    ),
  ])('takes time in proportion to the length of many %s', (unit) => {
    for (const start of ['', 'password=', 'x@://a:']) {
      expect(growth((length) => start + unit.repeat(length / unit.length))).toBeLessThan(QUADRATIC);
    }
  });

  it('takes time in proportion to the number of names it has never seen', () => {
    const text = (length: number): string =>
      Array.from({ length: length / 10 }, (_, at) => `f${at}=${at}&`).join('');
    expect(growth(text)).toBeLessThan(QUADRATIC);
  });
});
