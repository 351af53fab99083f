export const HIDDEN = '[redacted]';

/** The name of a parameter, as any framework writes one. */
const PARAMETER = /[:[{$][[.]*([\p{L}_][\p{L}\p{N}_]*)/u;
const REMEMBERED = 500;

/** Hides in paths what stands where a route has a parameter with a secret name, such as `:token`. */
export class SecretPaths {
  readonly #isSecret: (name: string) => boolean;
  readonly #secretAt = new Map<string, readonly number[]>();

  constructor(isSecret: (name: string) => boolean) {
    this.#isSecret = isSecret;
  }

  /** The path with its secrets hidden; the same path when it has none. */
  mask(route: string | undefined, path: string): string {
    if (route === undefined) return path;
    const at = this.#secretAt.get(route) ?? this.#learn(route);
    if (at.length === 0) return path;
    const segments = segmentsOf(path);
    // Where a pattern may be shorter or longer than the path, nobody knows which segment the secret is.
    const isAligned = segments.length === segmentsOf(route).length;
    const isHidden = (i: number): boolean => (isAligned ? at.includes(i) : i >= (at[0] ?? 0));
    return `/${segments.map((segment, i) => (isHidden(i) ? HIDDEN : segment)).join('/')}`;
  }

  #learn(route: string): readonly number[] {
    const at: number[] = [];
    for (const [i, segment] of segmentsOf(route).entries()) {
      const name = PARAMETER.exec(segment)?.[1];
      if (name !== undefined && this.#isSecret(name)) at.push(i);
    }
    if (this.#secretAt.size >= REMEMBERED) this.#secretAt.clear();
    this.#secretAt.set(route, at);
    return at;
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
