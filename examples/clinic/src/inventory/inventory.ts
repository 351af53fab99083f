import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { recordId, inputsOf, line, wanted } from '../collections/input.js';
import { OFFICE_ONLY } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept } from '../database/tables.js';
import type { Locations } from '../locations/locations.js';
import type { ClinicParts } from '../parts.js';

/** Something that is used up: how much of it there is, and where. */
export interface InventoryItemTable extends Kept {
  name: string;
  quantity: number;
  unit: string;
  location: number | null;
}

const inputs = inputsOf({
  name: line(100),
  quantity: z.number().int().min(0).max(1_000_000),
  unit: line(30),
  location: recordId.nullable().default(null),
});

export interface InventoryParts extends ClinicParts {
  readonly locations: Locations;
}

export class Inventory extends Collection<'inventory'> {
  readonly #locations: Locations;

  constructor(parts: InventoryParts) {
    super(parts, {
      table: 'inventory',
      model: 'InventoryItem',
      name: 'inventory item',
      rights: OFFICE_ONLY,
      label: supplyLabel,
      shown: ['id', 'name', 'quantity', 'unit', 'location'],
    });
    this.#locations = parts.locations;
  }

  protected override check(db: Db, { location }: { readonly location?: unknown }): Promise<void> {
    return this.#locations.checkThere('location', location, db);
  }
}

export function supplyLabel({ name }: Readonly<Record<'name', unknown>>): string {
  return String(name);
}

export function inventoryRoutes(audit: ClinicAudit, inventory: Inventory): Router {
  return collectionRoutes(audit, 'inventory', inventory, { inputs, filter: { location: wanted } });
}
