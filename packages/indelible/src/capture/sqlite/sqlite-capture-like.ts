/** The members of a better-sqlite3 Statement that are used here. */
export interface SqliteCaptureStatement {
  readonly database: object;
  readonly source: string;
  readonly readonly: boolean;
  run(...params: readonly unknown[]): unknown;
  get(...params: readonly unknown[]): unknown;
  all(...params: readonly unknown[]): unknown[];
  iterate(...params: readonly unknown[]): IterableIterator<unknown>;
}

/** The members of a better-sqlite3 Database that are used here, whose type is not imported. */
export interface SqliteCaptureLike {
  readonly name: string;
  readonly open: boolean;
  readonly memory: boolean;
  readonly readonly: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteCaptureStatement;
  exec(sql: string): unknown;
  function(
    name: string,
    options: {
      readonly deterministic?: boolean;
      readonly safeIntegers?: boolean;
      readonly varargs?: boolean;
    },
    implementation: (...values: never[]) => unknown,
  ): unknown;
}
