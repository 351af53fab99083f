import { type Profiler as Inspected, Session } from 'node:inspector/promises';

const INTERVAL_MICROS = 250;
const HTTP = /^node:(?:_http_|events$)/;
const OWN = /\/packages\/indelible\/dist\/(.+)$/;

/** One function of Indelible, with what of Node and of the engine it called for itself, in microseconds. */
interface Spent {
  readonly name: string;
  readonly self: number;
  readonly called: number;
  /** The dearest of what it called. */
  readonly calls: string;
}

/** Where the thread that answers requests has spent its time. */
export interface Profiled {
  readonly indelible: readonly Spent[];
  /** In microseconds, by whose code it is. */
  readonly shares: Readonly<Record<string, number>>;
}

/** The engine's own sampling profiler, summed up. */
export class Profiler {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROS });
    await this.#session.post('Profiler.start');
  }

  async stop(): Promise<Profiled> {
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    return summed(profile);
  }
}

type Node = Inspected.ProfileNode;

function summed(profile: Inspected.Profile): Profiled {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const times = new Map<number, number>();
  profile.samples?.forEach((id, at) => {
    times.set(id, (times.get(id) ?? 0) + (profile.timeDeltas?.[at] ?? 0));
  });
  const shares: Record<string, number> = {};
  const functions = new Map<string, { self: number; called: Map<string, number> }>();
  for (const [id, time] of times) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    const caller = callerOf(node, nodes, parents);
    const share = shareOf(caller);
    shares[share] = (shares[share] ?? 0) + time;
    if (share !== 'Indelible') continue;
    const known = functions.get(nameOf(caller)) ?? { self: 0, called: new Map<string, number>() };
    functions.set(nameOf(caller), known);
    if (caller === node) known.self += time;
    else known.called.set(nameOf(node), (known.called.get(nameOf(node)) ?? 0) + time);
  }
  return { indelible: [...functions].map(([name, { self, called }]) => spent(name, self, called)), shares };
}

function spent(name: string, self: number, called: ReadonlyMap<string, number>): Spent {
  const all = [...called].sort(([, a], [, b]) => b - a);
  return {
    name,
    self,
    called: all.reduce((sum, [, time]) => sum + time, 0),
    calls: all
      .slice(0, 3)
      .map(([callee]) => callee)
      .join(', '),
  };
}

/**
 * Whose time it is: the function itself, or, of what belongs to Node or the engine, the nearest other one that called
 * it. What Node does to read a request and to write its answer is nobody's: it is done for the plain application too.
 */
function callerOf(node: Node, nodes: ReadonlyMap<number, Node>, parents: ReadonlyMap<number, number>): Node {
  for (let at: Node | undefined = node; at; at = nodes.get(parents.get(at.id) ?? -1)) {
    if (!isBorrowed(at) || HTTP.test(at.callFrame.url)) return at;
  }
  return node;
}

/** Not that of `(idle)` and its like, which nobody calls. */
function isBorrowed({ callFrame: { url, functionName } }: Node): boolean {
  return (url === '' || url.startsWith('node:')) && !functionName.startsWith('(');
}

function shareOf({ callFrame: { url, functionName } }: Node): string {
  if (OWN.test(url)) return 'Indelible';
  if (functionName.startsWith('(')) return functionName;
  if (url.includes('/node_modules/')) return 'the framework and the driver';
  return url === '' || url.startsWith('node:') ? 'Node' : 'the application';
}

function nameOf({ callFrame: { url, functionName, lineNumber } }: Node): string {
  const file = OWN.exec(url)?.[1];
  const name = functionName === '' ? '(anonymous)' : functionName;
  return file === undefined ? name : `${name} ${file}:${lineNumber + 1}`;
}
