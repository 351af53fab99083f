import type { Router } from 'express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { Collection } from '../collections/collection.js';
import { cents, recordId, inputsOf, line, wanted } from '../collections/input.js';
import { MONEY } from '../collections/rights.js';
import { collectionRoutes } from '../collections/routes.js';
import type { Db } from '../database/clinic-database.js';
import type { Kept, Row, Some } from '../database/tables.js';
import { inUnits } from '../invoices/invoice.js';
import type { Invoices } from '../invoices/invoices.js';
import type { ClinicParts } from '../parts.js';
import type { User } from '../users/user.js';

const STATUSES = ['draft', 'submitted', 'accepted', 'rejected', 'paid'] as const;

/** What an insurer is asked for. */
export interface ClaimTable extends Kept {
  patient: number;
  invoice: number;
  insurer: string;
  /** In cents. */
  amount: number;
  status: (typeof STATUSES)[number];
}

type Claim = Row<'claims'>;

const FIXED = ['patient', 'invoice'];
const inputs = inputsOf(
  {
    patient: recordId,
    invoice: recordId,
    insurer: line(200),
    amount: cents,
    status: z.enum(STATUSES).default('draft'),
  },
  FIXED,
);

export interface ClaimParts extends ClinicParts {
  readonly invoices: Invoices;
}

/** To send a claim to an insurer is an act beside the change: health data leaves the clinic. */
export class Claims extends Collection<'claims'> {
  readonly #invoices: Invoices;

  constructor(parts: ClaimParts) {
    super(parts, {
      table: 'claims',
      model: 'Claim',
      name: 'claim',
      rights: MONEY,
      own: 'patient',
      fixed: FIXED,
      label: claimLabel,
      shown: ['id', 'patient', 'invoice', 'insurer', 'amount', 'status'],
    });
    this.#invoices = parts.invoices;
  }

  override async create(by: User, input: Parameters<Collection<'claims'>['create']>[1]): Promise<Claim> {
    await this.mayCreate(by, input);
    await this.check(this.parts.db, input);
    return this.parts.acts.together(async (db) => {
      const claim = await this.records.insert(db, input);
      if (claim.status === 'submitted') await this.#submitted(db, claim);
      return claim;
    });
  }

  override async update(by: User, id: number, ask: () => Some<Claim>): Promise<Claim> {
    return this.parts.acts.together(async (db) => {
      const before = await this.allowed(db, by, id, 'update', 'UPDATE');
      const claim = await this.save(db, id, this.changing(before, ask()));
      if (claim.status === 'submitted' && before.status !== 'submitted') await this.#submitted(db, claim);
      return claim;
    });
  }

  protected override async check(db: Db, { patient, invoice }: Some<Claim>): Promise<void> {
    await this.parts.directory.checkPatient(patient, db);
    await this.#invoices.checkOf(patient, invoice, db);
  }

  async #submitted(db: Db, claim: Claim): Promise<void> {
    const { insurer, amount } = claim;
    const metadata = { insurer, amount };
    await this.parts.acts.record(db, {
      action: 'CLAIM_SUBMITTED',
      ...(await this.about(claim, db)),
      metadata,
    });
  }
}

export function claimLabel({ amount, insurer }: Readonly<Record<'amount' | 'insurer', unknown>>): string {
  return `Claim of ${inUnits(amount)} to ${String(insurer)}`;
}

export function claimRoutes(audit: ClinicAudit, claims: Claims): Router {
  return collectionRoutes(audit, 'claims', claims, {
    inputs,
    filter: { patient: wanted, invoice: wanted, status: z.enum(STATUSES).optional() },
  });
}
