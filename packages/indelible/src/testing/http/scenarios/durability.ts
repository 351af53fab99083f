import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { EmptyCatalogue } from '../../../event/actions.js';
import type { AuditEvent } from '../../../event/event.js';
import { MemoryStore } from '../../../stores/memory/memory-store.js';
import type { AuditOptions } from '../../../trail/options.js';
import { createFaultyStore, type FaultyStore } from '../../faulty-store.js';
import { createTestAudit, eventsOf } from '../../test-audit.js';
import { type Answered, type Asked, dial, rawHead } from '../asking.js';
import { lineOf } from '../event-line.js';
import type { HttpBinding } from '../http-binding.js';
import { HttpClinic } from '../http-clinic.js';
import type { HttpScenario } from '../scenario.js';

const EXPORT = '/api/exports/patients';
const ANN = { as: 'ann' };

/** What is answered while the trail is down, and what is in it afterwards. */
export const DURABILITY: readonly HttpScenario[] = [
  failing(
    'P15: an export is durable before the first byte of it leaves',
    { failClosed: ['EXPORT'] },
    async (bed) => {
      const { clinic, store } = bed;
      store.failAlways('hangs');
      let isAnswered = false;
      const answer = clinic.ask(EXPORT, ANN).finally(() => void (isAnswered = true));
      await clinic.signals.given('export begun');
      for (let n = 0; n < 10; n += 1) await clinic.ask('/api/health');
      assert.equal(isAnswered, false);
      store.recover();
      const { status, text } = await answer;
      assert.deepEqual([status, text.split('\n').length], [200, 2_002]);
      await bed.expectKept('EXPORT Patient by ann: success 200');
    },
  ),

  failing(
    'P15: an export that is given up while it waits is told once, and harms nobody',
    {},
    async (bed) => {
      const { clinic, store } = bed;
      store.failAlways('hangs');
      const socket = await dial(clinic.origin);
      socket.write(rawHead(`GET ${EXPORT} HTTP/1.1`, ['Authorization: Kit ann']));
      await clinic.signals.given('export begun');
      socket.destroy();
      await clinic.ask('/api/health');
      store.recover();
      await clinic.signals.given('export ended');
      assert.equal((await clinic.ask('/api/patients/1', ANN)).status, 200);
      await bed.expectKept('EXPORT Patient by ann: success 200', 'READ Patient 1 by ann: success 200');
    },
  ),

  failing('P15: an export that breaks while it waits does not become another answer', {}, async (bed) => {
    const { clinic, store } = bed;
    store.failAlways('hangs');
    const answer = assert.rejects(clinic.ask('/api/exports/broken', ANN));
    for (let n = 0; n < 10; n += 1) await clinic.ask('/api/health');
    store.recover();
    await answer;
    await bed.expectKept('EXPORT Patient by ann: success 200');
  }),

  failing(
    'P15: an export that must be told is refused cleanly when it cannot be',
    { failClosed: ['EXPORT'] },
    async (bed) => {
      const { clinic, store } = bed;
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      store.failAlways('not-persisted');
      expectRefused(await clinic.ask(EXPORT, { ...ANN, agent }));
      await clinic.signals.given('export ended');
      // Nothing of the answer that was held back may come after it.
      const { status, text } = await clinic.ask('/api/health', { agent });
      assert.deepEqual([status, JSON.parse(text)], [200, { isWell: true }]);
      store.recover();
      assert.equal((await clinic.ask(EXPORT, { ...ANN, agent })).status, 200);
      agent.destroy();
      await bed.expectKept('EXPORT Patient by ann: success 200');
    },
  ),

  failing(
    'P15: an export whose storing was not confirmed is refused too',
    { failClosed: ['EXPORT'] },
    async (bed) => {
      bed.store.failAlways('persisted');
      expectRefused(await bed.clinic.ask(EXPORT, ANN));
      bed.store.recover();
      await bed.expectKept('EXPORT Patient by ann: success 200');
    },
  ),

  failing(
    'P15: without a disk, an export that cannot be stored is refused as well',
    { spool: false },
    async (bed) => {
      bed.store.failAlways('not-persisted');
      expectRefused(await bed.clinic.ask(EXPORT, ANN));
      bed.store.recover();
      await bed.expectKept();
    },
  ),

  failing('P15: unless it must be told, everything is answered and waits on the disk', {}, async (bed) => {
    const { clinic, store } = bed;
    store.failAlways('not-persisted');
    const asked = [EXPORT, '/api/patients/1', '/api/patients', '/api/invoices/1', '/api/patients/hidden'];
    const answers: number[] = [];
    for (const one of asked) answers.push((await clinic.ask(one, ANN)).status);
    assert.deepEqual(answers, [200, 200, 200, 200, 403]);
    // The trail is closed with its store still away, and opened anew.
    await bed.expectKept(
      'EXPORT Patient by ann: success 200',
      'READ Patient 1 by ann: success 200',
      'LIST Patient by ann: success 200',
      'API_REQUEST Invoice 1 by ann: success 200',
      'ACCESS_DENIED Patient hidden by ann: denied 403',
    );
  }),

  failing(
    'P15: where everything must be told, nothing is answered that cannot be',
    { failClosed: true },
    async (bed) => {
      const { clinic, store } = bed;
      store.failAlways('not-persisted');
      const paths = [
        EXPORT,
        '/api/patients/1',
        '/api/patients',
        '/api/invoices/1',
        '/api/patients/hidden',
        '/api/throws',
        '/api/big',
      ];
      for (const one of paths) expectRefused(await clinic.ask(one, ANN));
      for (const one of ['/api/health', '/pages/about'])
        assert.equal((await clinic.ask(one, ANN)).status, 200);
      assert.equal((await clinic.ask('/api/patients', { ...ANN, method: 'POST', body: {} })).status, 503);
      store.recover();
      assert.equal((await clinic.ask('/api/patients/1', ANN)).status, 200);
      await bed.expectKept('READ Patient 1 by ann: success 200');
    },
  ),

  failing(
    'P15: reads of one model that must be told are refused, and no others',
    { failClosed: ['Patient.READ'] },
    async (bed) => {
      bed.store.failAlways('not-persisted');
      expectRefused(await bed.clinic.ask('/api/patients/1', ANN));
      expectRefused(await bed.clinic.ask('/api/patients/1/model', ANN));
      assert.equal((await bed.clinic.ask('/api/patients', ANN)).status, 200);
      await bed.expectKept('LIST Patient by ann: success 200');
    },
  ),

  failing(
    'P15: denials that must be told are refused as 503, and reads are answered',
    { failClosed: ['ACCESS_DENIED'] },
    async (bed) => {
      bed.store.failAlways('not-persisted');
      for (const one of ['/api/patients/hidden', '/api/patients/1/vault', '/api/statuses/401'])
        expectRefused(await bed.clinic.ask(one, ANN));
      assert.equal((await bed.clinic.ask('/api/patients/1', ANN)).status, 200);
      await bed.expectKept('READ Patient 1 by ann: success 200');
    },
  ),

  failing(
    'where everything must be told, it is told once, and answers are what they are',
    { failClosed: true },
    async (bed) => {
      const { clinic } = bed;
      const asked: [string, Asked][] = [
        ['/api/patients/1', ANN],
        ['/api/invoices/1', ANN],
        ['/api/patients/hidden', ANN],
        ['/api/throws', ANN],
        ['/api/big', ANN],
      ];
      for (const [one, how] of asked) await clinic.ask(one, how);
      await bed.expectKept(
        'READ Patient 1 by ann: success 200',
        'API_REQUEST Invoice 1 by ann: success 200',
        'ACCESS_DENIED Patient hidden by ann: denied 403',
        'API_REQUEST Throw by ann: error 500',
        'API_REQUEST Big by ann: success 200',
      );
    },
  ),
];

/** A clinic whose store fails when it is told to, with a spool on the disk. */
interface Bed {
  readonly clinic: HttpClinic;
  readonly store: FaultyStore;
  /** Ends this life of the trail, and fails unless the next one finds these, besides what was lost and counted. */
  expectKept(...lines: readonly string[]): Promise<void>;
}

function failing(
  title: string,
  trail: Partial<AuditOptions<EmptyCatalogue>>,
  test: (bed: Bed) => Promise<void>,
): HttpScenario {
  return {
    title,
    run: async (binding) => {
      const dir = mkdtempSync(path.join(tmpdir(), 'indelible-kit-'));
      try {
        await inBed(binding, { spool: { dir }, ...trail }, dir, test);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

async function inBed(
  binding: HttpBinding,
  trail: Partial<AuditOptions<EmptyCatalogue>>,
  dir: string,
  test: (bed: Bed) => Promise<void>,
): Promise<void> {
  const kept = new MemoryStore();
  kept.close = async () => undefined;
  const store = createFaultyStore(kept);
  const clinic = await HttpClinic.open(binding, { trail: { store, ...trail } });
  const expectKept: Bed['expectKept'] = async (...lines) => {
    await clinic.abandon();
    assert.deepEqual((await keptIn(kept, dir)).map(lineOf), lines);
  };
  try {
    await clinic.audit.flush();
    await test({ clinic, store, expectKept });
  } finally {
    store.recover();
    await clinic.abandon();
  }
}

/** What a new life of the trail finds, in its store and on its disk. */
async function keptIn(store: MemoryStore, dir: string): Promise<AuditEvent[]> {
  const audit = createTestAudit({ store, spool: { dir } });
  await audit.ready();
  const events = await eventsOf(audit);
  await audit.close();
  return events.filter(({ action }) => action !== 'AUDIT_GAP');
}

/** Nothing of what was to be answered has left. */
function expectRefused(answer: Answered): void {
  const { status, text } = answer;
  assert.equal(status, 503);
  assert.match(answer.header('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(JSON.parse(text).status, 503);
  assert.equal(answer.header('content-length'), String(answer.bytes.length));
  for (const name of ['content-disposition', 'etag', 'transfer-encoding'])
    assert.equal(answer.header(name), undefined, name);
}
