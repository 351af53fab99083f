const VALUES: Readonly<Record<string, string>> = { id: '1', code: '422' };
const PARAMETER = /:(\w+)|\{(\w+)\}|\[(\w+)\]|\$(\w+)/g;

/** The pattern of a route as the kit writes it, from whichever framework's syntax. */
export function kitSyntax(path: string): string {
  return path.replaceAll(
    PARAMETER,
    (_, ...names: unknown[]) => `:${names.find((name) => typeof name === 'string')}`,
  );
}

/** A path that a route matches. */
export function pathOfRoute(path: string): string {
  return kitSyntax(path).replaceAll(/:(\w+)/g, (_, name: string) => VALUES[name] ?? 'x');
}
