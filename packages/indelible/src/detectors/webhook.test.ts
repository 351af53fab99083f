import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { entryOf, times } from '../../test/acts.js';
import { openSqliteAudit, type SqliteAudit } from '../../test/sqlite-audit.js';
import { removeTemporaryFolders } from '../../test/test-trail.js';
import type { DetectorOptions, Entry, WatchOptions } from '../index.js';

interface Delivery {
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

type Answer = (response: ServerResponse, nth: number) => void;

const SECRET = 'what only we two know';
const SOON: WatchOptions = { everyMs: 20, retryMs: [5, 5], deadlineMs: 10_000 };
const taken: Answer = (response) => void response.writeHead(204).end();

/** What receives findings, and answers as it is told. */
class Receiver {
  readonly deliveries: Delivery[] = [];
  readonly paths: string[] = [];
  answer: Answer = taken;
  readonly #server: Server = createServer((request, response) => void this.#receive(request, response));

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/findings`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    this.paths.push(`${request.method} ${request.url}`);
    this.deliveries.push({ body: Buffer.concat(parts).toString(), headers: request.headers });
    this.answer(response, this.deliveries.length);
  }
}

let receiver = new Receiver();
const open: SqliteAudit[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await receiver.close();
  receiver = new Receiver();
});
afterAll(removeTemporaryFolders);

function failed(count: number, ip: string): Entry[] {
  const at = new Date(Date.now() - 3_600_000).toISOString();
  return times(count, { at, action: 'LOGIN_FAILED', outcome: 'failure', ip }).map(entryOf);
}

async function trailWith(
  entries: readonly Entry[],
  webhook: Partial<NonNullable<DetectorOptions['webhook']>> = {},
): Promise<SqliteAudit & { readonly url: string }> {
  const url = await receiver.open();
  const trail = openSqliteAudit({ detectors: { webhook: { url, ...webhook } } });
  open.push(trail);
  await trail.audit.ready();
  await trail.append(entries);
  return { ...trail, url };
}

async function reported({ audit }: SqliteAudit): Promise<number | null> {
  return (await audit.find({ action: 'FINDING_REPORTED' })).count;
}

/** However busy the machine is. */
function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}

/** Long enough for several looks. */
const aFewLooks = (): Promise<void> => sleep(150);

describe('the webhook', () => {
  it('is sent each new finding once, signed, with the deed in the trail', async () => {
    const trail = await trailWith([...failed(5, '203.0.113.9'), ...failed(10, '192.0.2.4')], {
      secret: SECRET,
    });
    trail.audit.watchFindings(SOON);
    await eventually(async () => expect(await reported(trail)).toBe(2));
    await trail.append(failed(5, '198.51.100.1'));
    await eventually(async () => expect(await reported(trail)).toBe(3));
    expect(receiver.paths).toEqual(['POST /findings', 'POST /findings', 'POST /findings']);
    const [found, ...others] = await trail.audit.findings();
    expect(others).toHaveLength(2);
    const [{ body, headers } = { body: '', headers: {} }] = receiver.deliveries;
    expect(JSON.parse(body)).toMatchObject({
      specversion: '1.0',
      id: `${found?.id}.high`,
      type: 'indelible.finding',
      subject: found?.id,
      data: { id: found?.id, type: 'failed_logins', severity: 'high', count: 10, ip_address: '192.0.2.4' },
    });
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    expect(headers['x-indelible-signature']).toBe(`sha256=${signature}`);
    expect(headers['content-type']).toBe('application/cloudevents+json');
    expect(trail.errors).toEqual([]);
  });

  it('is sent nothing again after a restart, and a finding that has become worse once more', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'));
    const first = trail.audit.watchFindings(SOON);
    await eventually(async () => expect(await reported(trail)).toBe(1));
    await first.stop();
    await trail.close();

    const again = openSqliteAudit({ detectors: { webhook: { url: trail.url } } }, trail.path);
    open.push(again);
    again.audit.watchFindings(SOON);
    await aFewLooks();
    expect(receiver.deliveries).toHaveLength(1);
    await again.append(failed(6, '203.0.113.9'));
    await eventually(async () => expect(await reported(again)).toBe(2));
    expect(receiver.deliveries.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { data: { severity: 'medium', count: 5 } },
      { data: { severity: 'high', count: 11 } },
    ]);
  });

  it('is not sent what somebody has acknowledged', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'));
    const [found] = await trail.audit.findings();
    await trail.audit.acknowledge(found?.id ?? '', { note: 'it was me' });
    await trail.append(failed(5, '192.0.2.4'));
    trail.audit.watchFindings(SOON);
    await eventually(async () => expect(await reported(trail)).toBe(1));
    expect(receiver.deliveries.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { data: { ip_address: '192.0.2.4' } },
    ]);
  });

  it('P47: is sent what belongs to the tenant of who watches, and of all only when they are asked for', async () => {
    const of = (tenantId: string, ip: string): Entry[] => {
      const at = new Date(Date.now() - 3_600_000).toISOString();
      return times(5, { at, action: 'LOGIN_FAILED', ip, tenantId }).map(entryOf);
    };
    const trail = await trailWith([...of('acme', '192.0.2.4'), ...of('beta', '203.0.113.9')]);
    const sent = (): unknown[] =>
      receiver.deliveries.map(
        ({ body }) => (JSON.parse(body) as { data: { tenant_id: unknown } }).data.tenant_id,
      );
    const watch = trail.audit.run({ tenantId: 'acme' }, () => trail.audit.watchFindings(SOON));
    await eventually(async () => {
      expect((await trail.audit.find({ action: 'FINDING_REPORTED', tenantId: 'acme' })).count).toBe(1);
    });
    await aFewLooks();
    await watch.stop();
    expect(sent()).toEqual(['acme']);
    trail.audit.watchFindings({ ...SOON, tenantId: null });
    await eventually(() => expect(sent()).toEqual(['acme', 'beta']));
  });

  it('that fails is tried again until it takes the finding, and that is told once', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'));
    receiver.answer = (response, nth) => void response.writeHead(nth < 8 ? 500 : 200).end('who knows');
    trail.audit.watchFindings(SOON);
    await eventually(async () => expect(await reported(trail)).toBe(1));
    expect(receiver.deliveries).toHaveLength(8);
    expect(trail.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('detectors.webhook does not take findings: it answered 500.'),
    ]);
  });

  it('that sends elsewhere is not followed, wherever that is', async () => {
    const inside = new Receiver();
    const secretPlace = await inside.open();
    const trail = await trailWith(failed(5, '203.0.113.9'));
    receiver.answer = (response, nth) =>
      void response.writeHead([301, 302, 303, 307, 308][nth % 5] ?? 302, { location: secretPlace }).end();
    trail.audit.watchFindings(SOON);
    await eventually(() => expect(receiver.deliveries.length).toBeGreaterThan(6));
    expect(inside.paths).toEqual([]);
    expect(await reported(trail)).toBe(0);
    expect(trail.errors[0]?.message).toMatch(/it answered 30\d/);
    await inside.close();
  });

  it('that hangs, or answers without end, holds up neither the trail nor its close', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'));
    receiver.answer = (response, nth) => {
      if (nth > 2) return;
      response.writeHead(500).write('more ');
    };
    const watch = trail.audit.watchFindings({ ...SOON, deadlineMs: 50 });
    await eventually(() => expect(receiver.deliveries.length).toBeGreaterThan(3));
    const id = await trail.audit.record({ action: 'READ', target: { type: 'Patient', id: '42' } });
    await trail.audit.flush();
    expect(await trail.audit.get(id ?? '')).toMatchObject({ action: 'READ' });
    await watch.stop();

    trail.audit.watchFindings({ ...SOON, deadlineMs: 60_000 });
    const before = receiver.deliveries.length;
    await eventually(() => expect(receiver.deliveries.length).toBeGreaterThan(before));
    const begun = performance.now();
    await trail.close();
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(() => trail.audit.watchFindings(SOON)).toThrow('The trail has been closed');
  });

  it('has taken a finding when it says so, however much it goes on to say', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'));
    receiver.answer = (response) => void response.writeHead(200).write('and furthermore ');
    trail.audit.watchFindings({ ...SOON, deadlineMs: 500 });
    await eventually(async () => expect(await reported(trail)).toBe(1));
    expect(receiver.deliveries).toHaveLength(1);
  });

  it('that is not there is told of, and what goes on in the trail is not', async () => {
    const trail = await trailWith(failed(5, '203.0.113.9'), { url: 'http://127.0.0.1:1/' });
    trail.audit.watchFindings(SOON);
    await eventually(() => expect(trail.errors).toHaveLength(1));
    expect(trail.errors[0]?.message).toContain('does not take findings: ');
    await aFewLooks();
    expect(trail.errors).toHaveLength(1);
  });

  it('may be reached in another way, which may throw', async () => {
    const calls: unknown[] = [];
    const trail = await trailWith(failed(5, '203.0.113.9'), {
      fetch: (url, init) => {
        calls.push([url, init?.redirect]);
        if (calls.length === 1) throw new Error('no proxy');
        return Promise.resolve(new Response(null, { status: 202 }));
      },
    });
    trail.audit.watchFindings(SOON);
    await eventually(async () => expect(await reported(trail)).toBe(1));
    expect(calls).toEqual([
      [trail.url, 'manual'],
      [trail.url, 'manual'],
    ]);
  });

  it('is needed to watch', async () => {
    await receiver.open();
    const trail = openSqliteAudit();
    open.push(trail);
    expect(() => trail.audit.watchFindings()).toThrow('detectors: { webhook: { url } }');
  });

  it.each([
    { everyMs: 0 },
    { everyMs: Number.NaN },
    { everyMs: 2 ** 31 },
    { retryMs: [-1] },
    { deadlineMs: 0 },
  ])('is not watched without a pause, as %j would do', async (options) => {
    const trail = await trailWith([]);
    expect(() => trail.audit.watchFindings(options)).toThrow(
      /watchFindings: \w+(\[0\])? is .*; give milliseconds/,
    );
  });
});
