import type { ClinicEvent } from '../audit.js';

/** A write that the database refused, with the event that tells of it. */
export class WriteRefused extends Error {
  readonly event: ClinicEvent;

  constructor(event: ClinicEvent, cause: Error) {
    super(cause.message, { cause });
    this.name = 'WriteRefused';
    this.event = { ...event, outcome: 'failure', error: cause.message };
  }
}
