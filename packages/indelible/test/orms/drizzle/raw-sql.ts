import { type SQL, sql } from 'drizzle-orm';

/** SQL with placeholders as Drizzle takes it, its values in the order they stand in. */
export function rawSql(text: string, values: readonly unknown[]): SQL {
  const parts = text.split(/\$\d+|\?/);
  const chunks = parts.flatMap((part, n) =>
    n < values.length ? [sql.raw(part), sql`${values[n]}`] : [sql.raw(part)],
  );
  return sql.join(chunks);
}
