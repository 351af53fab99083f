import { Pool, type PoolClient } from 'pg';

/** A statement as it went to the server. */
export interface Sent {
  readonly text: string;
  readonly values: unknown[];
}

/** A pool for a store, and every statement sent over its connections, in their order. */
export interface WatchedPool {
  readonly sent: Sent[];
  readonly pool: { connect(): Promise<PoolClient> };
  end(): Promise<void>;
}

export function watchedPool(connectionString: string): WatchedPool {
  const pool = new Pool({ connectionString, max: 2 });
  const sent: Sent[] = [];
  const connect = async (): Promise<PoolClient> => new Proxy(await pool.connect(), { get: noting(sent) });
  return { sent, pool: { connect }, end: () => pool.end() };
}

function noting(sent: Sent[]): (target: PoolClient, name: string | symbol) => unknown {
  return (target, name) => {
    const member: unknown = Reflect.get(target, name);
    if (typeof member !== 'function') return member;
    if (name !== 'query') return member.bind(target) as unknown;
    return (text: string, values: unknown[] = []) => {
      sent.push({ text, values });
      return target.query(text, values);
    };
  };
}
