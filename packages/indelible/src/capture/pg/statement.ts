/** A part of a statement's text: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A table as a statement names it: unquoted, and folded to lower case where it was written without quotes. */
export interface TableReference {
  readonly schema: string | undefined;
  readonly name: string;
}

/** An INSERT, UPDATE or DELETE that stands alone, so that it can be taken apart. */
export interface Write {
  readonly kind: 'write';
  readonly verb: 'INSERT' | 'UPDATE' | 'DELETE';
  /** The WITH clause in front, keyword included, when everything in it only reads. */
  readonly with: Span | undefined;
  readonly table: TableReference;
  /** True for UPDATE ONLY and DELETE FROM ONLY. */
  readonly only: boolean;
  /** The target as written, after the verb and INTO or FROM: ONLY, name, star and alias. */
  readonly target: Span;
  /** The alias as written, with its quotes; undefined without one. */
  readonly alias: string | undefined;
  /** INSERT: from the column list to the end of VALUES, SELECT or DEFAULT VALUES. */
  readonly source: Span | undefined;
  /** INSERT: what happens to a row that is already there. */
  readonly conflict: Conflict | undefined;
  /** UPDATE: the assignments, after SET. */
  readonly set: Span | undefined;
  /** UPDATE: the columns assigned to, unquoted. */
  readonly assigned: readonly string[];
  /** UPDATE ... FROM, DELETE ... USING: the list after that keyword. */
  readonly from: Span | undefined;
  /** The condition, after WHERE. */
  readonly where: Span | undefined;
  /** The list after RETURNING. */
  readonly returning: Span | undefined;
  /**
   * The names of the returned columns, unquoted, when each is a plain column (perhaps qualified, perhaps
   * with an alias) and no two are alike; `*` and `t.*` stand as `*`. Undefined when they cannot be named.
   */
  readonly returned: readonly string[] | undefined;
  /** Where the statement ends, without its semicolon and what follows. */
  readonly end: number;
  /** The highest `$n` in it; 0 without parameters. */
  readonly parameters: number;
}

export interface Conflict {
  /** Between ON CONFLICT and DO; empty when nothing is written there. */
  readonly target: Span;
  readonly action: 'NOTHING' | 'UPDATE';
  readonly set: Span | undefined;
  readonly assigned: readonly string[];
  readonly where: Span | undefined;
}

/** What may write but cannot be taken apart. */
export interface Unsupported {
  readonly kind: 'unsupported';
  /** Such as MERGE, COPY, TRUNCATE, DO, WITH, MULTIPLE, CURRENT OF. */
  readonly verb: string;
  /** The tables it seems to write, as far as they could be seen. */
  readonly tables: readonly TableReference[];
  /** One sentence for the operator. */
  readonly reason: string;
}

/** What changes tables, so that the catalogue must be read anew after it. */
export interface Definition {
  readonly kind: 'definition';
  readonly verb: string;
}

/** SET search_path, or what resets it. */
export interface SearchPath {
  readonly kind: 'search-path';
  /** The schemas, unquoted; undefined when they cannot be seen from the text. */
  readonly schemas: readonly string[] | undefined;
  readonly isLocal: boolean;
}

/** Reads, transaction control and everything else that is passed on as it is. */
export interface Other {
  readonly kind: 'other';
}

export type Statement = Write | Unsupported | Definition | SearchPath | Other;
