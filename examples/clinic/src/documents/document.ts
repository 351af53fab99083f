import type { Kept, Row } from '../database/tables.js';

/** A file about a patient; what it says is not kept in the database, and never in the trail. */
export interface DocumentTable extends Kept {
  patient: number;
  document_type: string;
  filename: string;
  content_type: string;
  size: number;
  sha256: string;
  /** Its name in the folder of files. */
  file: string;
}

export type Document = Row<'documents'>;

export function documentLabel({ document_type, filename }: Fields): string {
  return `${String(document_type)}: ${String(filename)}`;
}

type Fields = Readonly<Record<'document_type' | 'filename', unknown>>;
