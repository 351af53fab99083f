import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { DOCS_PAGE, DOCS_POLICY } from './docs-page.js';
import { openApiOf } from './openapi.js';
import { apiSettings } from './options.js';
import { routesOf } from './routes/routes.js';

const SETTINGS = apiSettings({ authorize: () => null });
const ROUTES = routesOf(SETTINGS);
const DOCUMENT = openApiOf(ROUTES, SETTINGS) as {
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  readonly components: {
    readonly schemas: Record<string, unknown>;
    readonly responses: Record<string, unknown>;
  };
};

describe('the OpenAPI document', () => {
  it('is the one that is committed; npx vitest run packages/indelible/src/api/openapi.test.ts --update writes it', async () => {
    const file = fileURLToPath(new URL('../../../../docs/openapi.json', import.meta.url));
    await expect(`${JSON.stringify(DOCUMENT, null, 2)}\n`).toMatchFileSnapshot(file);
  });

  it('tells of every route, each by a name of its own', () => {
    const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
    );
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)).toEqual(
      expect.arrayContaining(ROUTES.map(({ method, path }) => `${method} /api/audit/${path}`)),
    );
    expect(operations).toHaveLength(ROUTES.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(ROUTES.length);
  });

  it('refers only to what it has, and has nothing that nothing refers to', () => {
    const text = JSON.stringify(DOCUMENT);
    const referred = new Set([...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, name]) => name));
    const { schemas, responses } = DOCUMENT.components;
    const there = [
      ...Object.keys(schemas).map((name) => `schemas/${name}`),
      ...Object.keys(responses).map((name) => `responses/${name}`),
    ];
    expect([...referred].map(String).toSorted()).toEqual(there.toSorted());
  });
});

describe('docs/api.md', () => {
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

  it('names every code that the API itself answers with', () => {
    const files = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const codes = sources.flatMap((file) => [...read(file).matchAll(/code(?: =|:) '([A-Z_]+)'/g)]);
    const named = new Set(codes.map(([, code = '']) => code));
    const page = read('../../../../docs/api.md');
    expect(named.size).toBeGreaterThan(12);
    expect([...named].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it('names every call', () => {
    const page = read('../../../../docs/api.md').replaceAll('`', '');
    const paths = ROUTES.map(({ path }) => path.replace(/\/$/, ''));
    expect(paths.filter((path) => !page.includes(path))).toEqual([]);
  });
});

describe('the page of the document', () => {
  it('may run and show only what is written in it, and asks no other server', () => {
    for (const tag of ['script', 'style']) {
      const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(DOCS_PAGE) ?? [];
      const digest = createHash('sha256').update(text).digest('base64');
      expect(text.length).toBeGreaterThan(100);
      expect(tag === 'style' || new Script(text)).toBeTruthy();
      expect(DOCS_POLICY).toContain(`${tag}-src 'sha256-${digest}'`);
    }
    expect(DOCS_PAGE).not.toMatch(/https?:|\/\/|innerHTML| on\w+=|style="/);
    expect(DOCS_POLICY).toContain("connect-src 'self'");
  });
});
