import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { inputsOf, line } from '../collections/input.js';
import { OFFERED } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Rows, Slice, Wanted } from '../database/records.js';
import type { Flag, Kept, Row } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';
import type { User } from '../users/user.js';

/** A leaflet for patients. */
export interface ResourceTable extends Kept {
  title: string;
  body: string;
  published: Flag;
}

type Resource = Row<'resources'>;

const inputs = inputsOf({
  title: line(200),
  body: line(50_000),
  published: z.boolean().default(false).transform(Number),
});

/** What is not published yet is seen by whoever writes it alone. */
export class Resources extends Collection<'resources'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'resources',
      model: 'Resource',
      name: 'resource',
      rights: OFFERED,
      label: resourceLabel,
      shown: ['id', 'title', 'body', 'published'],
    });
  }

  override answer(resource: Resource): object {
    return { ...super.answer(resource), published: resource.published === 1 };
  }

  protected override page(by: User, wanted: readonly Wanted[], slice: Slice): Promise<Rows<Resource>> {
    const seen = by.role === 'owner' ? {} : { published: 1 };
    return super.page(by, [...wanted, seen], slice);
  }

  protected override isSeen(by: User, { published }: Resource): boolean {
    return by.role === 'owner' || published === 1;
  }
}

export function resourceLabel({ title }: Readonly<Record<'title', unknown>>): string {
  return String(title);
}

export function resourceRoutes(audit: ClinicAudit, resources: Resources): Router {
  return collectionRoutes(audit, 'resources', resources, { inputs });
}
