/** A Response as `@hono/node-server` keeps it until somebody looks into it. */
export interface Unopened {
  readonly body: unknown;
  readonly headers: ConstructorParameters<typeof Headers>[0];
}

/**
 * The server of Hono for Node makes a Response of its own kind, which remembers what it was made of. Looking at its
 * headers or its body makes a real one of it, that is slower and has other letters in the names of its headers: so
 * what it remembers is looked at instead. Undefined for every other Response.
 */
export function unopened(response: Response): Unopened | undefined {
  const key = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache');
  const kept: unknown = key && Reflect.get(response, key);
  if (!Array.isArray(kept) || typeof kept[0] !== 'number') return undefined;
  const [, body, headers] = kept as [number, unknown, Unopened['headers']];
  return { body, headers };
}
