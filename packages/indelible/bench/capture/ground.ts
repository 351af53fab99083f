/** A database with the filled table, which all sides of one comparison write. */
export interface Ground {
  readonly database: 'postgresql' | 'sqlite';
  /** The version, as the database tells it. */
  readonly name: string;
  /** The connection string, or the path of the file. */
  readonly url: string;
  /** Runs one statement on a connection that no side uses. */
  query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** What the database would do by itself in time, so that no round pays for the one before. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}
