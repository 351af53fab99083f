import type Koa from 'koa';
import supertest from 'supertest';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';

/** Asks an application that listens nowhere itself, as its tests do. */
export async function inject(app: Koa, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const method = request.method.toLowerCase() as Method;
  const agent = supertest(app.callback());
  const asked = agent[method](`${pathname}${search}`).set(Object.fromEntries(request.headers));
  const body = await request.text();
  const { status, text, headers } = body === '' ? await asked : await asked.send(body);
  return new Response(status === 204 || status === 304 ? null : text, { status, headers });
}
