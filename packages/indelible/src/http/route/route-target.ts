import { type ModelName, modelNamed } from './model-name.js';
import { formsOf, partsOf, type RouteForm } from './route-form.js';
import { readRoute } from './route-syntax.js';

export interface RouteRules {
  /** Where the application's records are, such as `/api/`. */
  readonly prefixes: readonly string[];
  /** The models that segments mean, such as `{ people: 'Person' }`; false where a route is about no record. */
  readonly resources: Readonly<Record<string, string | false>>;
  readonly knowsModel: (model: string) => boolean;
}

/** The record that a request is about. */
export interface RouteTarget {
  readonly type: string;
  readonly id?: string;
}

/** Where a form of a pattern names its target. */
interface Aim {
  readonly form: RouteForm;
  readonly target: RouteTarget | undefined;
  /** The segment of the id. */
  readonly idAt: number | undefined;
}

/** So many patterns, and so many words in them, are remembered; an adapter without patterns may hand in paths, of which there is no end. */
const REMEMBERED = 500;
/** No pattern is longer, or has more segments. */
const LONGEST = 1_024;
const SEGMENTS = 32;
const VERSION = /^v\d+(?:\.\d+)*(?:(?:alpha|beta|rc)\d*)?$/i;

/**
 * Tells from the pattern of the route that matched which record a request is about: the last of its segments that
 * names a model, with the parameter after it as the id. What merely looks like an id in a path is never taken for one.
 */
export class RouteTargets {
  readonly #prefixes: readonly (readonly string[])[];
  readonly #resources: ReadonlyMap<string, string | false>;
  readonly #knows: (model: string) => boolean;
  readonly #routes = new Map<string, readonly Aim[]>();
  readonly #models = new Map<string, ModelName | undefined>();

  constructor({ prefixes, resources, knowsModel }: RouteRules) {
    this.#prefixes = prefixes.map(partsOf).toSorted((a, b) => b.length - a.length);
    this.#resources = new Map(Object.entries(resources).map(([name, model]) => [name.toLowerCase(), model]));
    this.#knows = knowsModel;
  }

  /** The target of a request for a path, without its query. Route and path must begin at the same place. */
  targetOf(route: string | undefined, path: string): RouteTarget | undefined {
    if (route === undefined) return undefined;
    return targetAt(this.#routes.get(route) ?? this.#learn(route), path);
  }

  #learn(route: string): readonly Aim[] {
    if (route.length > LONGEST || partsOf(route).length > SEGMENTS) return [];
    const aims = formsOf(readRoute(route)).map((form) => this.#aimOf(form));
    if (this.#routes.size >= REMEMBERED) this.#routes.clear();
    this.#routes.set(route, aims);
    return aims;
  }

  #aimOf(form: RouteForm): Aim {
    if (this.#isAboutNone(form)) return { form, target: undefined, idAt: undefined };
    let known: Aim | undefined;
    let withId: Aim | undefined;
    let first: Aim | undefined;
    for (let i = this.#start(form); i < form.segments.length; i += 1) {
      const model = this.#modelAt(form, i);
      if (model === undefined) continue;
      const next = form.segments[i + 1]?.kind;
      const idAt = next === 'parameter' || next === 'opaque' ? i + 1 : undefined;
      const aim: Aim = { form, target: Object.freeze({ type: model.name }), idAt };
      if (model.isKnown) known = aim;
      if (idAt !== undefined) withId = aim;
      first ??= { ...aim, idAt: undefined };
    }
    return known ?? withId ?? first ?? { form, target: undefined, idAt: undefined };
  }

  #isAboutNone({ segments }: RouteForm): boolean {
    return segments.some(
      (segment) => segment.kind === 'static' && this.#resources.get(segment.text.toLowerCase()) === false,
    );
  }

  #modelAt(form: RouteForm, index: number): ModelName | undefined {
    const segment = form.segments[index];
    if (segment?.kind !== 'static') return undefined;
    const { text } = segment;
    if (!this.#models.has(text)) {
      if (this.#models.size >= REMEMBERED) this.#models.clear();
      const name = this.#resources.get(text.toLowerCase());
      this.#models.set(text, name ? { name, isKnown: true } : modelNamed(text, this.#knows));
    }
    return this.#models.get(text);
  }

  /** The first segment after prefix and version. */
  #start({ segments }: RouteForm): number {
    const textAt = (i: number): string => {
      const segment = segments[i];
      return segment?.kind === 'static' ? segment.text.toLowerCase() : '';
    };
    const prefix = this.#prefixes.find((parts) => parts.every((part, i) => textAt(i) === part.toLowerCase()));
    let start = prefix?.length ?? 0;
    while (VERSION.test(textAt(start))) start += 1;
    return start;
  }
}

function targetAt(aims: readonly Aim[], path: string): RouteTarget | undefined {
  const [least] = aims;
  if (least === undefined || (aims.length === 1 && least.idAt === undefined)) return least?.target;
  if (mayBeMisread(aims, path)) return least.target;
  const parts = partsOf(path);
  let found: RouteTarget | undefined;
  for (const { form, target, idAt } of aims) {
    if (target === undefined || !form.fits(parts)) continue;
    const id = idAt === undefined ? undefined : form.valueAt(idAt, parts);
    if (found !== undefined && (found.type !== target.type || found.id !== id)) return least.target;
    found ??= id === undefined ? target : { type: target.type, id };
  }
  return found ?? least.target;
}

/** Fastify lets a parameter be empty: between two slashes it would be taken for a missing one. */
function mayBeMisread(aims: readonly Aim[], path: string): boolean {
  return (aims.length > 1 || aims[0]?.form.hasRest === true) && path.includes('//');
}
