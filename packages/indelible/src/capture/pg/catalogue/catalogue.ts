import type { TableReference } from '../statement.js';

/** What a type is, as far as the writing and comparing of its values depends on it. */
export interface ColumnType {
  /** The name in pg_catalog of the type, or of what a domain is made of; undefined for a type of the user's. */
  readonly name: string | undefined;
  /** The type of an array's elements. */
  readonly element: ColumnType | undefined;
  /** True for an enum. */
  readonly isEnum: boolean;
}

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The most characters or digits it may hold, where the type was declared with a limit. */
  readonly isLimited: boolean;
  /** False where equal texts may differ. */
  readonly isDeterministic: boolean;
  /** True for a column that the database computes from the others. */
  readonly isGenerated: boolean;
  /** The default as an expression. */
  readonly defaultTo: string | undefined;
  readonly isReadable: boolean;
}

export type ReferentialAction = 'none' | 'cascade' | 'set null' | 'set default';

export interface ForeignKey {
  readonly from: Table;
  readonly columns: readonly string[];
  readonly to: Table;
  readonly referenced: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** The columns that ON DELETE SET NULL or SET DEFAULT changes. */
  readonly cleared: readonly string[];
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned' | 'view' | 'foreign' | 'temporary';
  readonly columns: readonly Column[];
  /** The columns that name a row: the primary key, or a unique index without nulls; empty without either. */
  readonly key: readonly string[];
  /** Foreign keys of this table, and those of others that point at it. */
  readonly references: readonly ForeignKey[];
  readonly referencedBy: readonly ForeignKey[];
  /** The partitioned table that this one is a part of, however deep; itself otherwise. */
  readonly root: Table;
  readonly hasRules: boolean;
  /** True when tables that are no partitions inherit from it. */
  readonly hasHeirs: boolean;
  /** True when a trigger may change columns that a write did not name. */
  readonly hasBeforeTriggers: boolean;
  /** True when a row may be written that the same role must not read back. */
  readonly hidesOwnRows: boolean;
  /** True when the role may not see every row. */
  readonly isRowSecured: boolean;
  /** True when the role may lock rows. */
  readonly isLockable: boolean;
}

/** The tables of a database as they were when it was read. */
export class Catalogue {
  /** As `server_version_num` says it. */
  readonly version: number;
  /** Where a table without a schema is looked for, first to last. */
  readonly schemas: readonly string[];
  /** The schema of the function that writes the outbox; undefined when it is missing. */
  readonly putSchema: string | undefined;
  /** The schema of the outbox itself. */
  readonly outboxSchema: string | undefined;
  readonly #tables: ReadonlyMap<string, Table>;

  constructor(found: {
    readonly version: number;
    readonly schemas: readonly string[];
    readonly putSchema: string | undefined;
    readonly outboxSchema: string | undefined;
    readonly tables: readonly Table[];
  }) {
    this.version = found.version;
    this.schemas = found.schemas;
    this.putSchema = found.putSchema;
    this.outboxSchema = found.outboxSchema;
    this.#tables = new Map(found.tables.map((table) => [placeOf(schemaOf(table), table.name), table]));
  }

  /** Every table there is, partitions and views too. */
  get tables(): Iterable<Table> {
    return this.#tables.values();
  }

  /** The table that a statement means; undefined when there was none when the catalogue was read. */
  find({ schema, name }: TableReference, schemas: readonly string[] = this.schemas): Table | undefined {
    if (schema !== undefined) return this.#tables.get(placeOf(schema, name));
    for (const each of [...schemas, TEMPORARY]) {
      const table = this.#tables.get(placeOf(each, name));
      if (table) return table;
    }
    return undefined;
  }
}

/** What a session calls the schema of its temporary tables. Another session may see none of them. */
const TEMPORARY = 'pg_temp';

function schemaOf({ kind, schema }: Table): string {
  return kind === 'temporary' ? TEMPORARY : schema;
}

/** A schema's name cannot hold the character between. */
function placeOf(schema: string, name: string): string {
  return `${schema}\u0000${name}`;
}
