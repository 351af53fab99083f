import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = path.join(HOME, 'src');
/** Rooms whose files may import only from the rooms named, besides their own. */
const ALLOWED: Record<string, readonly string[]> = {
  event: ['integrity'],
  integrity: ['event'],
  stores: ['event', 'integrity', 'trail/outbox.ts'],
  capture: [
    'event',
    'integrity',
    'trail/door.ts',
    'trail/create-audit.ts',
    'trail/deadline.ts',
    'trail/options.ts',
  ],
  retention: ['event', 'integrity'].concat([
    'stores/failpoints.ts',
    'stores/removal.ts',
    'stores/seal-log.ts',
    'stores/store.ts',
  ]),
  erasure: ['event', 'retention', 'stores/removal.ts', 'stores/store.ts'],
  reads: ['event', 'capture/tables.ts'],
  detectors: ['event', 'trail/days.ts', 'trail/filter-values.ts', 'trail/folding/address-block.ts'],
  anchors: ['event', 'integrity', 'stores/seal-log.ts', 'trail/deadline.ts'],
  bundle: ['event', 'integrity', 'stores/query.ts', 'stores/removal.ts', 'stores/seal-log.ts'].concat([
    'stores/store.ts',
    'verify/verdict.ts',
  ]),
  verify: ['event', 'integrity', 'stores/removal.ts', 'stores/seal-log.ts', 'stores/store.ts'],
  api: ['event', 'integrity', 'anchors/anchor.ts', 'detectors', 'retention', 'stores', 'verify'].concat([
    'http/address/client-address.ts',
    'http/request-info.ts',
    'http/watching.ts',
    'trail/create-audit.ts',
    'trail/deadline.ts',
    'trail/door.ts',
    'trail/filter-values.ts',
    'trail/filter.ts',
    'trail/reader.ts',
    'trail/stretches.ts',
  ]),
  http: ['event', 'reads', 'capture/tables.ts', 'stores/store.ts'].concat([
    'api/audit-api.ts',
    'api/options.ts',
    'api/server.ts',
    'trail/context.ts',
    'trail/create-audit.ts',
    'trail/door.ts',
    'trail/sign-in',
  ]),
  trail: [
    'event',
    'integrity',
    'reads',
    'stores/store.ts',
    'stores/query.ts',
    'stores/seal-log.ts',
    'stores/tallies.ts',
    'anchors',
    'erasure/subject-erasure.ts',
    'detectors',
    'retention',
  ].concat([
    'api/serving.ts',
    'capture/capturing.ts',
    'capture/row-change.ts',
    'capture/tables.ts',
    'http/address/client-address.ts',
    'http/watching.ts',
  ]),
};
const PURE = new Set(['event', 'integrity']);
const PURE_BUILT_INS = new Set(['node:crypto']);
const DRAWERS = /(^|\/)(utils?|helpers?|shared|common|misc|types)(\.ts|\/)/;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const FILES = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.(test|types|d)\.ts$/.test(file))
  .toSorted();
const IMPORTS = FILES.flatMap(importsOf);

/** Static imports and exports of a file; a relative one as the path of the source file it means. */
function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(SOURCE, file), 'utf8');
  const found = text.matchAll(/^(?:import|export)\s(type\s)?[^;]*?from\s'([^']+)'/gms);
  return [...found].map(([, type, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? path.join(path.dirname(file), target).replace(/\.js$/, '.ts') : target,
    isType: type !== undefined,
  }));
}

const room = (file: string): string => file.split('/')[0] ?? '';
const isOurs = (target: string): boolean => target.endsWith('.ts') || target.endsWith('.mjs');
const shown = ({ from, to }: Import): string => `${from} imports ${to}`;

/** Every file reachable from one by imports that exist at run time. */
function reach(start: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(start)) return seen;
  seen.add(start);
  for (const { from, to, isType } of IMPORTS) if (from === start && !isType) reach(to, seen);
  return seen;
}

describe('the house', () => {
  it('has files to look at', () => {
    expect(FILES.length).toBeGreaterThan(30);
    expect(IMPORTS.length).toBeGreaterThan(100);
  });

  it.each(Object.entries(ALLOWED))(
    'lets %s import only its own room and the ones named for it',
    (name, allowed) => {
      const strays = IMPORTS.filter(({ from, to }) => room(from) === name && isOurs(to))
        .filter(
          ({ to }) => room(to) !== name && !allowed.some((one) => to === one || to.startsWith(`${one}/`)),
        )
        .map(shown);
      expect(strays).toEqual([]);
    },
  );

  it('keeps the event and the proofs free of everything but node:crypto', () => {
    const strays = IMPORTS.filter(
      ({ from, to }) => PURE.has(room(from)) && !isOurs(to) && !PURE_BUILT_INS.has(to),
    ).map(shown);
    expect(strays).toEqual([]);
  });

  it('lets no store import its sibling', () => {
    const backends = ['sqlite', 'postgres', 'memory'];
    const strays = IMPORTS.filter(({ from, to }) => {
      const [own, other] = [from, to].map((file) =>
        backends.find((name) => file.startsWith(`stores/${name}/`)),
      );
      return own !== undefined && other !== undefined && own !== other;
    }).map(shown);
    expect(strays).toEqual([]);
  });

  it('lets no framework import its sibling', () => {
    const frameworks = ['express', 'fastify', 'hono', 'koa', 'nestjs', 'fetch', 'better-auth', 'passport'];
    const of = (file: string): string | undefined =>
      frameworks.find((name) => file === `http/${name}.ts` || file.startsWith(`http/${name}/`));
    const strays = IMPORTS.filter(({ from, to }) => of(from) !== undefined && of(to) !== undefined)
      .filter(({ from, to }) => of(from) !== of(to))
      .map(shown);
    expect(strays).toEqual([]);
  });

  it('reaches no driver and no framework from the root', () => {
    const outside = [...reach('index.ts')].filter((target) => !isOurs(target) && !target.startsWith('node:'));
    expect(outside).toEqual([]);
    expect(
      [...reach('index.ts')].filter((target) => /^stores\/(sqlite|postgres|memory)\//.test(target)),
    ).toEqual([]);
  });

  it('exports every file at the top of src, and nothing else', () => {
    const { exports } = JSON.parse(readFileSync(path.join(HOME, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const declared = Object.keys(exports).filter((name) => name !== './package.json');
    const present = FILES.filter((file) => !file.includes('/')).map((file) =>
      file === 'index.ts' ? '.' : `./${file.replace(/\.ts$/, '')}`,
    );
    expect(declared.toSorted()).toEqual(present.toSorted());
  });

  it('has no import cycle', () => {
    const cycles = FILES.filter((file) =>
      IMPORTS.some(({ from, to, isType }) => from === file && !isType && to !== file && reach(to).has(file)),
    );
    expect(cycles).toEqual([]);
  });

  it('has no drawers', () => {
    expect(FILES.filter((file) => DRAWERS.test(file))).toEqual([]);
  });

  it('reads the environment nowhere but in the command line', () => {
    const readers = FILES.filter(
      (file) =>
        room(file) !== 'cli' && /\bprocess\.env\b/.test(readFileSync(path.join(SOURCE, file), 'utf8')),
    );
    expect(readers).toEqual([]);
  });

  it('keeps the core under three hundred lines a file', () => {
    const long = FILES.filter(
      (file) => readFileSync(path.join(SOURCE, file), 'utf8').split('\n').length > 300,
    );
    expect(long).toEqual([]);
  });
});
