import type { ApiSettings } from './options.js';
import type { Parameter } from './parameters.js';
import type { Route } from './route.js';
import type { Schema } from './schema.js';
import * as schemas from './schemas.js';

type Words = Pick<ApiSettings, 'path' | 'title'>;
type Json = Readonly<Record<string, unknown>>;

/** Schemas that are told of once, and named wherever else they stand. */
const NAMED: Readonly<Record<string, Schema>> = {
  Event: schemas.EVENT,
  Hold: schemas.HOLD,
  Integrity: schemas.INTEGRITY,
  Me: schemas.ME,
  Page: schemas.PAGE,
  Policy: schemas.POLICY,
  Problem: schemas.PROBLEM,
  Proof: schemas.PROOF,
  RetentionPreview: schemas.PREVIEW,
  State: schemas.STATE,
  Stats: schemas.STATS,
  Summary: schemas.SUMMARY,
  Verification: schemas.VERIFICATION,
};

/** The routes as an OpenAPI 3.1 document, of the very schemas that requests are checked by. */
export function openApiOf(routes: readonly Route[], { path, title }: Words): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const at = (paths[`${path}/${route.path}`] ??= {});
    at[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.1',
    info: {
      title,
      version: '1',
      description:
        'The audit trail. Every path answers with and without its last slash. Times are RFC 3339 in UTC, ids are texts, and what is absent is null.',
    },
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(NAMED).map(([name, schema]) => [name, inside(schema, schema)]),
      ),
      responses: Object.fromEntries(
        Object.entries(PROBLEMS).map(([status, what]) => [`P${status}`, problemOf(what)]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'session' },
      },
    },
    security: [{ bearer: [] }, { cookie: [] }],
  };
}

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A parameter or the body is wrong; `errors` names it.',
  401: 'Nobody is signed in.',
  403: 'The caller may not do this; the attempt is recorded.',
  404: 'There is no such thing, or not in the tenant of the caller.',
  409: 'Not as things stand.',
  503: 'The trail cannot answer just now, or cannot record what it must before it answers.',
};

function operationOf(route: Route): Json {
  const { method, path, summary, who, parameters = [], body, answer, status = 200, isStream } = route;
  return {
    operationId: operationId(method, path),
    summary,
    description: WHO[who],
    ...(who === 'anyone' && { security: [] }),
    parameters: [...segmentsOf(path), ...parameters.map(parameterOf)],
    ...(body && { requestBody: { content: { 'application/json': { schema: named(body) } } } }),
    responses: {
      [status]: {
        description: isStream === true ? 'Piece by piece' : summary,
        ...(answer && { content: contentOf(answer) }),
      },
      ...Object.fromEntries(
        problemsOf(route).map((one) => [one, { $ref: `#/components/responses/P${one}` }]),
      ),
    },
  };
}

const WHO = {
  anyone: 'For anybody: it tells nothing of the trail.',
  own: 'For whoever is signed in.',
  all: 'For owners and administrators.',
  operator: 'For owners and administrators who see every tenant.',
} as const;

function problemsOf({ who, method, path, parameters = [], body }: Route): readonly number[] {
  if (who === 'anyone') return [];
  return [
    ...(parameters.length > 0 || body !== undefined ? [400] : []),
    401,
    ...(who === 'own' ? [] : [403]),
    ...(path.includes('{') ? [404] : []),
    ...(method !== 'GET' || path.endsWith('proof/') ? [409] : []),
    503,
  ];
}

function problemOf(description: string): Json {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** `GET logs/{id}/proof/` is `get_logs_id_proof`. */
function operationId(method: string, path: string): string {
  return [method.toLowerCase(), ...path.split(/[^a-z_]+/i).filter((part) => part !== '')].join('_');
}

function segmentsOf(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function parameterOf({ name, description, schema, isList }: Parameter): Json {
  return {
    name,
    in: 'query',
    description,
    schema: isList === true ? { type: 'array', items: schema } : schema,
    ...(isList === true && { style: 'form', explode: true }),
  };
}

function contentOf(answer: Readonly<Record<string, Schema>>): Json {
  return Object.fromEntries(
    Object.entries(answer).map(([type, schema]) => [type, { schema: named(schema) }]),
  );
}

/** By its name where it has one. */
function named(schema: Schema): unknown {
  const name = Object.keys(NAMED).find((one) => NAMED[one] === schema);
  return name === undefined ? inside(schema, schema) : { $ref: `#/components/schemas/${name}` };
}

/** A schema with those inside it by their names. */
function inside(value: unknown, whole: Schema): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => inside(item, whole));
  if (typeof value !== 'object' || value === null) return value;
  if (value !== whole && Object.values(NAMED).includes(value)) return named(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inside(member, whole)]));
}
