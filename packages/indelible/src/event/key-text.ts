/**
 * A record's key as one text: of several columns their values as a JSON array; undefined without a key. Bytes,
 * of which a change holds the digest only, are named by it.
 */
export function keyText(values: readonly unknown[]): string | undefined {
  const [first] = values;
  if (values.length > 1) return JSON.stringify(values.map(plain));
  return first === undefined || first === null ? undefined : textOf(plain(first));
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' && value !== null && 'digest' in value ? value.digest : value;
}
