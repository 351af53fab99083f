import type { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { inputsOf, line } from '../collections/input.js';
import { OFFERED } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Kept } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';

/** A place where the clinic works. */
export interface LocationTable extends Kept {
  name: string;
  address: string;
  timezone: string;
}

const ZONES = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);
const inputs = inputsOf({
  name: line(100),
  address: line(300),
  timezone: line(64).refine((zone) => ZONES.has(zone), 'must be a time zone such as Europe/Berlin'),
});

export class Locations extends Collection<'locations'> {
  constructor(parts: ClinicParts) {
    super(parts, {
      table: 'locations',
      model: 'Location',
      name: 'location',
      rights: OFFERED,
      label: locationLabel,
      shown: ['id', 'name', 'address', 'timezone'],
    });
  }
}

export function locationLabel({ name }: Readonly<Record<'name', unknown>>): string {
  return String(name);
}

export function locationRoutes(audit: ClinicAudit, locations: Locations): Router {
  return collectionRoutes(audit, 'locations', locations, { inputs });
}
