import { describe, expect, it } from 'vitest';

import { Redactor } from '../event/redaction.js';
import type { ModelOptions } from './options.js';
import { TrackedTables } from './tracked-tables.js';

const tracked = (models: Readonly<Record<string, ModelOptions>> = {}): TrackedTables =>
  new TrackedTables(models, new Redactor());

describe('which tables are captured', () => {
  it('is every table that nothing is said of, under its own name', () => {
    expect(tracked().rulesOf({ schema: 'public', name: 'appointments' })?.model).toBe('appointments');
  });

  it.each(['indelible_outbox', '_prisma_migrations', 'SequelizeMeta', 'typeorm_metadata', 'session'])(
    'is not %s, which holds no records',
    (name) => {
      expect(tracked().rulesOf({ schema: 'public', name })).toBeUndefined();
    },
  );

  it('is no table of a queue or of migrations, in whatever schema those live', () => {
    expect(tracked().rulesOf({ schema: 'pgboss', name: 'job' })).toBeUndefined();
    expect(tracked().rulesOf({ schema: 'public', name: 'job' })).toBeDefined();
  });

  it('is one of those all the same when the options name it', () => {
    expect(tracked({ Session: { table: 'session' } }).rulesOf({ name: 'session' })?.model).toBe('Session');
  });

  it('is not a model that the options exclude, by its name or its table', () => {
    expect(tracked({ drafts: false }).rulesOf({ schema: 'public', name: 'drafts' })).toBeUndefined();
  });

  it('can be told for a table of one schema only', () => {
    const tables = tracked({ Visit: { table: 'north.visits' } });
    expect(tables.rulesOf({ schema: 'north', name: 'visits' })?.model).toBe('Visit');
    expect(tables.rulesOf({ schema: 'south', name: 'visits' })?.model).toBe('visits');
  });
});

describe('what is kept of a table', () => {
  it('follows the options of its model', () => {
    const rules = tracked({
      User: {
        table: 'users',
        exclude: ['photo'],
        redact: ['diagnosis'],
        ignore: ['seen_at'],
        subject: 'visit_id.patient_id',
        tenant: { columns: ['clinic'], text: ({ clinic }) => String(clinic) },
        label: { columns: ['first', 'last'], text: ({ first }) => String(first) },
      },
    }).rulesOf({ name: 'users' });
    expect(rules?.isExcluded('photo')).toBe(true);
    expect([rules?.isHidden('diagnosis'), rules?.isHidden('first')]).toEqual([true, false]);
    expect([rules?.isIgnored('seen_at'), rules?.isIgnored('first')]).toEqual([true, false]);
    expect(rules?.subject).toEqual(['visit_id', 'patient_id']);
    expect(rules?.tenant).toBeUndefined();
    expect(rules?.kept).toEqual(['clinic', 'first', 'last']);
  });

  it('P38: hides what is secret by its name, and ignores what changes with every save', () => {
    const rules = tracked().rulesOf({ name: 'users' });
    expect(rules?.isHidden('password_hash')).toBe(true);
    expect(rules?.isIgnored('updated_at')).toBe(true);
  });
});
