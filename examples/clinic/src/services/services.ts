import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { inputsOf, line } from '../collections/input.js';
import { OFFERED } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Kept } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** What can be done here, for how much and for how long. */
export interface ServiceTable extends Kept {
  name: string;
  /** In cents. */
  price: number;
  minutes: number;
}

const inputs = inputsOf({
  name: line(100),
  price: z.number().int().min(0).max(10_000_000),
  minutes: z.number().int().min(1).max(600),
});

export class Services extends Collection<'services'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'services',
      model: 'Service',
      name: 'service',
      rights: OFFERED,
      label: serviceLabel,
      shown: ['id', 'name', 'price', 'minutes'],
    });
  }
}

export function serviceLabel({ name }: Readonly<Record<'name', unknown>>): string {
  return String(name);
}

export function serviceRoutes(audit: ClinicAudit, services: Services): Router {
  return collectionRoutes(audit, 'services', services, { inputs });
}
