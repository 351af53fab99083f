import { type Request, type RequestHandler, Router } from 'express';
import { auditList, auditRead, type ExpressReadOptions } from 'indelible/express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import type { RecordTable } from '../database/tables.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { User } from '../users/user.js';
import type { Collection } from './collection.js';
import { recordId } from './input.js';
import { reachOf } from './rights.js';

type Shape = Readonly<Record<string, z.ZodType>>;

export interface RouteOptions {
  /** What its records are made of. */
  readonly inputs: {
    readonly create: z.ZodObject;
    readonly change: z.ZodType;
    readonly replace: z.ZodType;
  };
  /** What a list can be narrowed by. */
  readonly filter?: Shape;
  /** What somebody may make, where that is not the same for all. */
  readonly createdBy?: (user: User) => z.ZodObject;
  /** How a record is made, where it is not by a body of JSON. */
  readonly create?: RequestHandler;
  readonly reading?: ExpressReadOptions;
}

/** The routes that all collections have, and what each of them shows. */
export function collectionRoutes<T extends RecordTable>(
  audit: ClinicAudit,
  path: string,
  collection: Collection<T>,
  options: RouteOptions,
): Router {
  const { inputs, filter = {}, createdBy = () => inputs.create, reading = {} } = options;
  const { model } = collection.kind;
  const router = Router();
  const Query = z.strictObject({ ...filter, ...paging });
  router
    .route(`/api/${path}`)
    .get(auditList(audit, model, reading), list(collection, Query))
    .post(options.create ?? create(collection, createdBy))
    .all(only('GET', 'POST'));
  router
    .route(`/api/${path}/:id`)
    .get(auditRead(audit, model, reading), read(collection))
    .patch(update(collection, inputs.change))
    .put(update(collection, inputs.replace))
    .delete(remove(collection))
    .all(only('GET', 'PATCH', 'PUT', 'DELETE'));
  return router;
}

/** What is done to one record by name. */
export function actionRoute(path: string, act: (request: Request) => Promise<object>): Router {
  const router = Router();
  router
    .route(path)
    .post(async (request, response) => {
      response.json(await act(request));
    })
    .all(only('POST'));
  return router;
}

function list<T extends RecordTable>(
  collection: Collection<T>,
  Query: z.ZodType<{ page: number }>,
): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const { page, ...asked } = Query.parse({ ...request.query });
    const found = await collection.list(user, asked, sliceOf(page));
    response.json(pageAnswer(request, page, found, (record) => collection.answer(record)));
  };
}

function create<T extends RecordTable>(
  collection: Collection<T>,
  createdBy: (user: User) => z.ZodObject,
): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    await collection.mayCreate(user, request.body);
    const input = bodyOf(ownBy(user, collection, createdBy(user)), request) as Parameters<
      typeof collection.create
    >[1];
    response.status(201).json(collection.answer(await collection.create(user, input)));
  };
}

/** Whoever makes records for themselves alone, need not say for whom. */
function ownBy<T extends RecordTable>(user: User, { kind }: Collection<T>, schema: z.ZodObject): z.ZodObject {
  const { own, rights } = kind;
  const isOwn = own !== undefined && reachOf(rights, 'create', user) === 'own';
  return isOwn ? schema.extend({ [own]: recordId.default(user.id) }) : schema;
}

function read<T extends RecordTable>(collection: Collection<T>): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    response.json(collection.answer(await collection.read(user, idOf(request))));
  };
}

function update<T extends RecordTable>(collection: Collection<T>, schema: z.ZodType): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const ask = (): Parameters<typeof collection.create>[1] => bodyOf(schema, request) as never;
    response.json(collection.answer(await collection.update(user, idOf(request), ask)));
  };
}

function remove<T extends RecordTable>(collection: Collection<T>): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    await collection.remove(user, idOf(request));
    response.status(204).end();
  };
}
