import type { Readable } from 'node:stream';

import { Collection } from '../collections/collection.js';
import { CLINICAL } from '../collections/rights.js';
import type { Db } from '../database/clinic-database.js';
import type { Some } from '../database/tables.js';
import type { ClinicParts } from '../parts.js';
import type { User } from '../users/user.js';
import type { DocumentFiles } from './document-files.js';
import { type Document, documentLabel } from './document.js';
import { FIXED, type NewDocument } from './input.js';

export interface DocumentParts extends ClinicParts {
  readonly files: DocumentFiles;
}

/** Files about patients: of those who treat, and handed out to the patient too. */
export class Documents extends Collection<'documents'> {
  readonly #files: DocumentFiles;

  constructor(parts: DocumentParts) {
    super(parts, {
      table: 'documents',
      model: 'Document',
      name: 'document',
      rights: CLINICAL,
      own: 'patient',
      fixed: FIXED,
      label: documentLabel,
      shown: ['id', 'patient', 'document_type', 'filename', 'content_type', 'size', 'sha256', 'created_at'],
    });
    this.#files = parts.files;
  }

  /** Who may not store one is refused before a byte of it is read. */
  async upload(by: User, input: NewDocument, content: Readable): Promise<Document> {
    await this.mayCreate(by, input);
    await this.check(this.parts.db, input);
    const stored = await this.#files.store(content);
    try {
      return await this.create(by, { ...input, ...stored });
    } catch (error) {
      await this.#files.remove([stored.file]);
      throw error;
    }
  }

  /** The record, and what it says. Whoever is refused wanted to download. */
  async open(by: User, id: number): Promise<{ document: Document; content: Readable }> {
    const document = await this.allowed(this.parts.db, by, id, 'read', 'DOWNLOAD');
    return { document, content: this.#files.read(document.file) };
  }

  override async remove(by: User, id: number): Promise<void> {
    const { file } = await this.allowed(this.parts.db, by, id, 'delete', 'DELETE');
    await super.remove(by, id);
    await this.#files.remove([file]);
  }

  protected override check(db: Db, { patient }: Some<Document>): Promise<void> {
    return this.parts.directory.checkPatient(patient, db);
  }
}
