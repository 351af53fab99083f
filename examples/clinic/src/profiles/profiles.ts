import type { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { recordId, inputsOf, line, text, wanted } from '../collections/input.js';
import { ABOUT_ONESELF } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** Who treats here, in their own words. */
export interface ProfileTable extends Kept {
  user: number;
  title: string;
  registration_number: string;
  bio: string;
}

const FIXED = ['user'];
const inputs = inputsOf(
  { user: recordId, title: line(100), registration_number: line(50), bio: text(5_000) },
  FIXED,
);

export class Profiles extends Collection<'profiles'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'profiles',
      model: 'Profile',
      name: 'profile',
      rights: ABOUT_ONESELF,
      own: 'user',
      fixed: FIXED,
      label: profileLabel,
      shown: ['id', 'user', 'title', 'registration_number', 'bio'],
    });
  }

  protected override async check(db: Db, { user }: { readonly user?: number | undefined }): Promise<void> {
    if (user !== undefined) await this.parts.directory.checkPractitioner(user, 'user', db);
  }
}

export function profileLabel({ title, registration_number }: Fields): string {
  return `${String(title)} ${String(registration_number)}`;
}

type Fields = Readonly<Record<'title' | 'registration_number', unknown>>;

export function profileRoutes(audit: ClinicAudit, profiles: Profiles): Router {
  return collectionRoutes(audit, 'profiles', profiles, { inputs, filter: { user: wanted } });
}
