import type { SearchPath, Statement, TableReference } from '../statement.js';
import { mayWrite, OTHER, tablesOf } from './query.js';
import { unsupported } from './unsupported.js';

/** The statements of one text, told as one. */
export class Several {
  #only: Statement | undefined;
  #count = 0;
  #writes = false;
  #definition: Statement | undefined;
  #path: SearchPath | undefined;
  readonly tables: TableReference[] = [];

  add(statement: Statement): void {
    this.#only = statement;
    this.#count += 1;
    this.#writes ||= mayWrite(statement);
    if (statement.kind === 'definition') this.#definition ??= statement;
    if (statement.kind === 'search-path') this.#path = later(this.#path, statement);
    for (const table of tablesOf(statement)) this.tables.push(table);
  }

  get told(): Statement {
    if (this.#count === 1 && this.#only !== undefined) return this.#only;
    if (!this.#writes) return this.#definition ?? this.#path ?? OTHER;
    return unsupported('MULTIPLE', this.tables, 'Several statements in one text cannot be taken apart.');
  }
}

/** The path that holds after both; where the two end with different transactions, it is not said. */
function later(before: SearchPath | undefined, after: SearchPath): SearchPath {
  if (before === undefined || before.isLocal === after.isLocal) return after;
  return { kind: 'search-path', schemas: undefined, isLocal: false };
}
