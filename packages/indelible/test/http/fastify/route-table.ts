import type { FastifyInstance } from 'fastify';

/** The routes as Fastify tells of them while they are added; those for HEAD it adds itself. */
export class RouteTable {
  readonly routes: { readonly method: string; readonly path: string }[] = [];

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') this.routes.push({ method: one, path: url });
    });
  }
}
