import { afterEach, describe, expect, it } from 'vitest';

import { type Act, entryOf, type OpenedStore, STORES, times } from '../../test/acts.js';
import { openTestTrail, removeTemporaryFolders } from '../../test/test-trail.js';
import { type Audit, createAudit, type Finding, type Severity } from '../index.js';
import { withAcknowledgements } from './acknowledgements.js';

const OWNER = { type: 'user', id: '1', name: 'The Owner' } as const;
const FAILED: Act = { at: '', action: 'LOGIN_FAILED', outcome: 'failure', ip: '203.0.113.9' };

/** Since to acknowledge something happens now. */
function ago(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString();
}

afterEach(removeTemporaryFolders);

describe.each(STORES)('a finding in %s', (_, openStore) => {
  let opened: OpenedStore | undefined;
  let audit: Audit | undefined;

  afterEach(async () => {
    await audit?.close();
    await opened?.close();
  });

  async function trailWith(acts: readonly Act[]): Promise<Audit> {
    opened = await openStore();
    await opened.store.append(acts.map(entryOf));
    audit = createAudit({ store: opened.store, spool: false, log: () => undefined });
    return audit;
  }

  it('is acknowledged by an event, once by the same person with the same note', async () => {
    const trail = await trailWith(times(5, { ...FAILED, at: ago(20) }));
    const [found] = await trail.findings();
    const input = { note: 'the cleaner forgot her password' };
    const say = (note = input.note): Promise<Finding> =>
      trail.run({ actor: OWNER }, () => trail.acknowledge(found?.id ?? '', { note }));
    expect(found?.acknowledgement).toBeNull();
    expect(await say()).toMatchObject({ id: found?.id, acknowledgement: { by: OWNER, ...input } });
    await say();
    expect((await trail.findings())[0]?.acknowledgement).toMatchObject({ by: OWNER, ...input });
    expect((await trail.find({ action: 'FINDING_ACKNOWLEDGED' })).events).toMatchObject([
      {
        target: { type: 'Finding', id: found?.id },
        actor: OWNER,
        reason: input.note,
        metadata: { type: 'failed_logins', severity: 'medium', count: 5 },
      },
    ]);

    await say('and now she knows it');
    await trail.run({ actor: { ...OWNER, id: '2' } }, () => trail.acknowledge(found?.id ?? '', input));
    expect((await trail.find({ action: 'FINDING_ACKNOWLEDGED' })).count).toBe(3);
  });

  it('can be acknowledged when it has grown too old to be shown meanwhile', async () => {
    const trail = await trailWith(times(5, { ...FAILED, at: ago(24 * 8) }));
    const [found] = await trail.findings({ days: 30 });
    expect(await trail.findings()).toEqual([]);
    expect(await trail.acknowledge(found?.id ?? '', { note: 'seen' })).toMatchObject({ id: found?.id });
    expect((await trail.findings({ days: 30 }))[0]?.acknowledgement?.note).toBe('seen');
  });

  it('P47: of another tenant is unknown, and acknowledging it is an event of its tenant', async () => {
    const trail = await trailWith(times(5, { ...FAILED, at: ago(20), tenantId: 'acme' }));
    const [found] = await trail.findings({ tenantId: 'acme' });
    const id = found?.id ?? '';
    await expect(trail.acknowledge(id, { note: 'mine?' })).rejects.toThrow('There is no finding');
    await expect(trail.acknowledge(id, { note: 'mine?', tenantId: 'beta' })).rejects.toThrow('no finding');
    await trail.acknowledge(id, { note: 'ours', tenantId: null });
    expect((await trail.findings({ tenantId: 'acme' }))[0]?.acknowledgement?.note).toBe('ours');
    expect((await trail.find({ tenantId: 'acme', action: 'FINDING_ACKNOWLEDGED' })).count).toBe(1);
  });
});

describe('to acknowledge', () => {
  it('is refused, and nothing recorded, without a note or for what was not found', async () => {
    const trail = openTestTrail();
    const { audit } = trail;
    await expect(
      audit.acknowledge('failed_logins.2026-03-09.AAAAAAAAAAAAAAAA', { note: ' ' }),
    ).rejects.toThrow('the note is missing');
    for (const id of ['failed_logins.2026-03-09.AAAAAAAAAAAAAAAA', 'x', '\u202E', '<b>', '0000-99-99'])
      await expect(audit.acknowledge(id, { note: 'seen' })).rejects.toThrow(/^There is no finding "/);
    await audit.close();
    expect(await trail.stored('FINDING_ACKNOWLEDGED')).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  const finding = (count: number, severity: Severity): Finding => ({
    id: 'a',
    type: 'failed_logins',
    severity,
    description: '',
    count,
    events: [],
    first: '',
    last: '',
    actorId: null,
    ip: null,
    tenantId: null,
    isComplete: true,
    acknowledgement: null,
  });

  async function holds(now: Finding, metadata?: object): Promise<boolean> {
    const trail = openTestTrail();
    await trail.audit.record({
      action: 'FINDING_ACKNOWLEDGED',
      target: { type: 'Finding', id: 'a' },
      metadata: { ...metadata },
    });
    await trail.audit.close();
    const [said] = await withAcknowledgements([now], events(trail));
    return said?.acknowledgement !== null;
  }

  async function* events(trail: ReturnType<typeof openTestTrail>): ReturnType<Audit['stream']> {
    yield* await trail.stored('FINDING_ACKNOWLEDGED');
  }

  it('holds until there is twice as much, or it is worse', async () => {
    const said = { count: 6, severity: 'medium' };
    expect(await holds(finding(11, 'medium'), said)).toBe(true);
    expect(await holds(finding(12, 'medium'), said)).toBe(false);
    expect(await holds(finding(6, 'high'), said)).toBe(false);
    expect(await holds(finding(3, 'low'), said)).toBe(true);
  });

  it('that does not say how much there was holds as long as the finding is the same', async () => {
    expect(await holds(finding(1_000, 'high'))).toBe(true);
  });
});
