import pg from 'pg';
import { Sequelize } from 'sequelize';
import { describe, expect, it } from 'vitest';

import { auditSequelize, sequelizeModels } from '../../../src/sequelize.js';
import { createTestAudit } from '../../../src/testing/test-audit.js';
import { defineClinic } from './models.js';

describe('auditSequelize', () => {
  const audit = createTestAudit();

  it.each<[string, object, RegExp]>([
    ['another dialect', { dialect: 'mysql', dialectModule: {} }, /"postgres".*"mysql"/],
    ['no driver', { dialect: 'postgres' }, /Add `dialectModule: pg`/],
    ['the native driver', { dialect: 'postgres', dialectModule: pg, native: true }, /pg-native/],
    [
      'a path, which Sequelize prefers',
      { dialect: 'postgres', dialectModule: pg, dialectModulePath: 'pg' },
      /dialectModulePath/,
    ],
  ])('refuses %s, and says what to do', (_, options, message) => {
    expect(() => auditSequelize(audit, options as never)).toThrow(message);
  });

  it('leaves the options that it was given as they are', () => {
    const options = { dialect: 'postgres', dialectModule: pg, pool: { max: 3 } } as const;
    const audited = auditSequelize(audit, options);
    expect(audited).toMatchObject({ dialect: 'postgres', pool: { max: 3 } });
    expect(options.dialectModule).toBe(pg);
    expect(audited.dialectModule).not.toBe(pg);
  });
});

describe('sequelizeModels', () => {
  const clinic = defineClinic(new Sequelize({ dialect: 'postgres', dialectModule: pg }));

  it('reads tables and columns of models whose Sequelize never connects', () => {
    const models = sequelizeModels(clinic, {
      User: { exclude: ['passwordHash'], label: { columns: ['fullName'], text: () => 'somebody' } },
      Invoice: { subject: 'appointmentId.userId' },
      Tag: false,
    });
    expect(models).toMatchObject({
      User: { table: 'user', exclude: ['password_hash'], label: { columns: ['full_name'] } },
      Invoice: { table: 'invoice', subject: 'appointment_id.user_id' },
      TreatmentPlanItem: { table: 'treatment_plan_item' },
      tag: false,
    });
  });

  it('refuses an attribute that is not there', () => {
    expect(() => sequelizeModels(clinic, { User: { redact: ['password_hash'] } })).toThrow(
      /the field "password_hash" of User/,
    );
  });
});
