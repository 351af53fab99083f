import type { Tables } from './tables.js';

/** A write that the database refused. */
export interface FailedWrite {
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly model: string;
  readonly error: unknown;
  /** The context it was made in, as `context()` gave it. */
  readonly context: string;
}

/** All that an engine may ask of the trail it captures for. */
export interface Capturing {
  /** Which tables are captured, and what of each is kept. */
  readonly tables: Tables;
  /** What happens to a write that cannot be taken apart: told as a STATEMENT, or refused. */
  readonly onUnsupported: 'record' | 'throw';
  /** True when a write on this model must not go on without its event. */
  failsClosed(op: 'INSERT' | 'UPDATE' | 'DELETE' | 'STATEMENT', model: string | undefined): boolean;
  /** The context of now as JSON text, for the outbox. Bounded, free of secrets, and it never throws. */
  context(): string;
  /** A change was written in the context of now: whoever watches that context need not tell of it again. */
  changed(): void;
  /** Something was written to the outbox; its commit is a moment away. */
  written(): void;
  /** The outbox could not be written and the change went on without its event: reported, and told by an AUDIT_GAP. */
  lost(cause: unknown): void;
  /** Records that the database refused a write. Outside the transaction, which is gone with it. */
  failed(write: FailedWrite): void;
  /** Reports what an operator should know, such as a table without a key; once for each text. */
  warn(message: string): void;
  /** One line for the start-up report. */
  attached(line: string): void;
}
