import type { Express } from 'express';
import supertest from 'supertest';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';

/** Asks an application that listens nowhere itself, as its tests do. */
export async function inject(app: Express, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const method = request.method.toLowerCase() as Method;
  const asked = supertest(app)[method](`${pathname}${search}`).set(Object.fromEntries(request.headers));
  const body = await request.text();
  const { status, text, headers } = body === '' ? await asked : await asked.send(body);
  return new Response(status === 204 || status === 304 ? null : text, { status, headers });
}
