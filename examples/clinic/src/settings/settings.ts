import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { inputsOf } from '../collections/input.js';
import { OWNER_ONLY } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Kept, Row, Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';
import type { User } from '../users/user.js';

/** How the clinic is run, by name. */
export interface SettingTable extends Kept {
  key: string;
  value: string;
}

type Setting = Row<'settings'>;

const FIXED = ['key'];
const inputs = inputsOf(
  {
    key: z.string().regex(/^[a-z][a-z0-9_.]{0,99}$/, 'may hold small letters, digits, _ and . only'),
    value: z.string().max(5_000),
  },
  FIXED,
);

/** Whatever is done to a setting is a change of the clinic's settings too, by name. */
export class Settings extends Collection<'settings'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'settings',
      model: 'Setting',
      name: 'setting',
      rights: OWNER_ONLY,
      fixed: FIXED,
      label: settingLabel,
      shown: ['id', 'key', 'value'],
    });
  }

  override async create(by: User, input: Pick<Setting, 'key' | 'value'>): Promise<Setting> {
    await this.mayCreate(by, input);
    return this.parts.acts.together(async (db) => {
      const setting = await this.records.insert(db, input);
      await this.parts.acts.record(db, { action: 'SETTINGS_CHANGE', ...(await this.about(setting, db)) });
      return setting;
    });
  }

  override async update(by: User, id: number, ask: () => Some<Setting>): Promise<Setting> {
    return this.parts.acts.together(async (db) => {
      const setting = await this.allowed(db, by, id, 'update', 'UPDATE');
      const changes = this.changing(setting, ask());
      if (changes.value === undefined || changes.value === setting.value) return setting;
      await this.parts.acts.record(db, { action: 'SETTINGS_CHANGE', ...(await this.about(setting, db)) });
      return this.save(db, id, changes);
    });
  }

  override async remove(by: User, id: number): Promise<void> {
    await this.parts.acts.together(async (db) => {
      const setting = await this.allowed(db, by, id, 'delete', 'DELETE');
      await this.records.remove(db, id);
      await this.parts.acts.record(db, { action: 'SETTINGS_CHANGE', ...(await this.about(setting, db)) });
    });
  }
}

export function settingLabel({ key }: Readonly<Record<'key', unknown>>): string {
  return String(key);
}

export function settingRoutes(audit: ClinicAudit, settings: Settings): Router {
  return collectionRoutes(audit, 'settings', settings, { inputs });
}
