import { describe, expect, it } from 'vitest';

import { AuditError } from '../event/errors.js';
import { SigningKey } from '../integrity/note-key.js';
import { createMemoryStore } from '../memory.js';
import { checkOptions } from './check-options.js';

const store = createMemoryStore();

function refusal(options: unknown): string {
  try {
    checkOptions(options);
  } catch (error) {
    if (error instanceof AuditError && error.code === 'INVALID_OPTIONS') return error.message;
    throw error;
  }
  return 'taken';
}

describe('the options of createAudit', () => {
  it('are taken when they are what they must be', () => {
    const options = {
      store,
      outbox: undefined,
      actions: { APPROVED: {} },
      models: { Patient: { exclude: ['photo'] } },
      redaction: { names: ['genome'] },
      delivery: { READ: 'soon', 'Patient.READ': 'before' },
      failClosed: ['EXPORT'],
      onError: () => undefined,
      log: () => undefined,
      spool: { dir: './spool', maxBytes: 1024 },
      bufferSize: 100,
      deadlineMs: 1,
      countBudgetMs: 0.5,
      limits: { changesBytes: 1, payloadBytes: undefined },
      timeZone: 'Asia/Kolkata',
      keys: { file: './indelible.key', previous: ['./old.key'] },
      seal: { everyMs: 500, batchSize: 100, heartbeatMs: 60_000, key: SigningKey.create('example.com') },
    };
    expect(refusal(options)).toBe('taken');
    expect(refusal({ store, spool: false, failClosed: true })).toBe('taken');
  });

  it.each<[unknown, string]>([
    [undefined, 'store is undefined; give a store'],
    [{}, 'store is undefined; give a store, such as createSqliteStore'],
    [{ store: './audit.db' }, 'store is "./audit.db"; give a store'],
    [{ store, stroe: 1 }, 'stroe is no option; use store, outbox'],
    [{ store, constructor: 1 }, 'constructor is no option'],
    [{ store, outbox: {} }, 'outbox is object; give an outbox, such as createSqliteOutbox(db)'],
    [{ store, actions: { approved: {} } }, 'actions is "approved"; name actions in upper-case words'],
    [{ store, models: 'Patient' }, 'models is "Patient"; give an object'],
    [{ store, delivery: { READ: 'later' } }, 'delivery.READ is "later"; use \'with-change\''],
    [{ store, failClosed: 'EXPORT' }, 'failClosed is "EXPORT"; give true, false, or a list'],
    [{ store, onError: 'console' }, 'onError is "console"; give a function'],
    [{ store, spool: true }, 'spool is boolean; give an object'],
    [{ store, spool: { dir: '' } }, 'spool.dir is ""; give a path'],
    [{ store, spool: { maxBytes: -1 } }, 'spool.maxBytes is -1; give a positive number'],
    [{ store, bufferSize: Number.NaN }, 'bufferSize is NaN; give a positive number'],
    [{ store, limits: { payloadBytes: '64' } }, 'limits.payloadBytes is "64"; give a positive number'],
    [{ store, timeZone: 'Mars/Olympus' }, 'timeZone is "Mars/Olympus"; give the name of a time zone'],
    [{ store, keys: {} }, 'keys.file is undefined; give a path'],
    [{ store, keys: { file: 'a', previuos: 'b' } }, 'keys.previuos is no option; use file, previous'],
    [{ store, keys: { file: 'a', previous: [1] } }, 'keys.previous is 1; give a path'],
    [{ store, seal: true }, 'seal is boolean; give an object'],
    [{ store, seal: { every: 1 } }, 'seal.every is no option; use everyMs, batchSize, heartbeatMs, key'],
    [{ store, seal: { everyMs: 0 } }, 'seal.everyMs is 0; give a positive number'],
    [{ store, seal: { everyMs: 2 ** 31 } }, 'seal.everyMs is 2147483648; give 3600000 at most'],
    [{ store, seal: { batchSize: 2.5 } }, 'seal.batchSize is 2.5; give a whole number'],
    [{ store, seal: { batchSize: 10_001 } }, 'seal.batchSize is 10001; give 10000 at most'],
    [{ store, seal: { key: 7 } }, 'seal.key is number; give a SigningKey, or the line'],
  ])('such as %j are refused with what to give instead', (options, message) => {
    expect(refusal(options)).toContain(message);
  });

  it.each([
    (secret: string) => ({ store, seal: { key: `${secret}x` } }),
    (secret: string) => ({ store, keys: { file: secret } }),
    (secret: string) => ({ store, keys: { file: 'a', previous: [secret] } }),
  ])('are refused without showing the key that was put in the wrong place', (options) => {
    const secret = SigningKey.create('example.com').encode();
    const message = refusal(options(secret));
    expect(message).toMatch(/createAudit: (seal\.key|keys\.file|keys\.previous) /);
    expect(message).not.toContain(secret.slice(30));
  });
});
