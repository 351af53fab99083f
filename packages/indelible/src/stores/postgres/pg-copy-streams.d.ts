/** The part of pg-copy-streams that is used here; the package brings no types. */
declare module 'pg-copy-streams' {
  import type { Writable } from 'node:stream';
  import type { Connection } from 'pg';

  export interface CopyStreamQuery extends Writable {
    /** Rows copied, once the stream has finished. */
    readonly rowCount: number;
    submit(connection: Connection): void;
  }
  export function from(text: string): CopyStreamQuery;
}
