import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { AuditError } from '../event/errors.js';
import type { Actor, RequestInfo } from '../event/event.js';
import { clientAddress } from '../http/address/client-address.js';
import { requestInfo } from '../http/request-info.js';
import { json, kept, nothing, problem } from './answer.js';
import type { Api } from './api.js';
import { readBody } from './body.js';
import { Call } from './call.js';
import { checkViewer, type Viewer } from './options.js';
import { checkOrigin } from './origin.js';
import { type Given, parameterOf, readParameters } from './parameters.js';
import { invalidParameter, notFound, Refusal, refusalOf } from './refusal.js';
import { type Match, type Route, routesAt } from './route.js';
import { questionOf, Viewings } from './viewings.js';

const LONGEST_URL = 8 * 1024;
/** What has just been done is on its way into the trail: a moment's wait, so that it shows at once. */
const CATCH_UP_MS = 500;
const NOBODY: Viewer = { id: '', tenantId: '', may: 'own' };

/** What a mount knows of a request beyond the request itself. */
export interface From {
  /** The socket's address. */
  readonly peer?: string | undefined;
}

/** Answers requests: finds the route, lets in who may, checks what is asked, and records what is shown. */
export class Server {
  readonly #api: Api;
  readonly #viewings: Viewings = new Viewings();

  constructor(api: Api) {
    this.#api = api;
  }

  get path(): string {
    return this.#api.settings.path;
  }

  /** True for what this API answers. */
  owns(pathname: string): boolean {
    return pathname === this.path || pathname.startsWith(`${this.path}/`);
  }

  async answer(request: Request, from: From = {}): Promise<Response> {
    const { trail, watching } = this.#api;
    watching.witness?.silence?.();
    const url = new URL(request.url);
    const matches = this.owns(url.pathname)
      ? routesAt(this.#api.routes, url.pathname.slice(this.path.length))
      : [];
    const isHead = request.method === 'HEAD';
    const match = matches.find(({ route }) => route.method === (isHead ? 'GET' : request.method));
    const context = { request: this.#infoOf(request, url, match, from) };
    const answered = await trail.run(context, () => this.#answer(request, url, matches, match));
    if (!isHead) return answered;
    await answered.body?.cancel();
    return new Response(null, { status: answered.status, headers: answered.headers });
  }

  async #answer(
    request: Request,
    url: URL,
    matches: readonly Match[],
    match: Match | undefined,
  ): Promise<Response> {
    let viewer: Viewer | undefined;
    let given: Given | undefined;
    try {
      if (request.url.length > LONGEST_URL) throw tooLong();
      if (matches.length === 0) throw notFound('There is nothing here; see openapi.json for what there is.');
      if (request.method === 'OPTIONS') return nothing({ Allow: allowed(matches) });
      if (match === undefined || (request.method === 'HEAD' && match.route.isStream === true))
        throw notAllowed(request, matches);
      viewer = match.route.who === 'anyone' ? NOBODY : await this.#letIn(request);
      const { route } = match;
      return await this.#within(viewer, async () => {
        if (viewer === undefined) throw nobody();
        checkMay(viewer, route);
        if (route.method !== 'GET' || route.isHandedOut === true)
          checkOrigin(request, viewer, this.#api.settings);
        given = readParameters(url.searchParams, route.parameters ?? []);
        const body = route.body === undefined ? {} : await readBody(request, route.body);
        return await this.#handle({ ...match, request, url, viewer, given, body });
      });
    } catch (error) {
      const told = given && match ? inItsWords(error, given, match.route) : error;
      return this.#within(viewer, () => this.#refuse(told, match?.route));
    }
  }

  async #handle(parts: Omit<ConstructorParameters<typeof Call>[0], 'api'>): Promise<Response> {
    const call = new Call({ ...parts, api: this.#api });
    const { route, request } = call;
    if (route.who !== 'anyone') await this.#catchUp();
    const answer = await route.handle(call);
    if (route.isViewing === true) await this.#viewed(call, answer);
    if (answer instanceof Response) return answer;
    return route.isKept === true ? kept(answer, request) : json(answer, route.status);
  }

  async #letIn(request: Request): Promise<Viewer | undefined> {
    const viewer = await this.#api.settings.authorize(request);
    return viewer ? checkViewer(viewer) : undefined;
  }

  /** Whoever is known by more than the viewer says keeps it. */
  #within<T>(viewer: Viewer | undefined, fn: () => T): T {
    const { trail } = this.#api;
    if (viewer === undefined || viewer === NOBODY) return fn();
    const known = trail.context().actor;
    const actor = known?.id === viewer.id ? known : actorOf(viewer);
    const tenantId = viewer.tenantId ?? (this.#api.settings.hasTenants ? undefined : '');
    return trail.run({ actor, tenantId }, fn);
  }

  /** A viewing that cannot be recorded where it must be is none: what it would have shown is withheld. */
  async #viewed(call: Call, answer: unknown): Promise<void> {
    const { viewer, url, route } = call;
    const [who, question] = [JSON.stringify([viewer.tenantId, viewer.id]), questionOf(url)];
    if (!this.#viewings.begins(who, question)) return;
    try {
      await this.#api.trail.record({
        action: 'AUDIT_VIEWED',
        source: 'read',
        target: { type: 'AuditEvent', id: route.idIs === 'event' ? call.segment('id') : undefined },
        subjectId: route.idIs === 'subject' ? call.segment('id') : undefined,
      });
    } catch (error) {
      this.#viewings.forget(who, question);
      if (answer instanceof Response) await answer.body?.cancel();
      throw error;
    }
  }

  async #refuse(error: unknown, route: Route | undefined): Promise<Response> {
    const { refusal, isOurs } = refusalOf(error);
    const { watching } = this.#api;
    if (isOurs)
      watching.report(AuditError.from(error, 'INVALID_OPTIONS', 'The audit API could not answer a request'));
    if (refusal.isDenial) await this.#denied(refusal, route);
    return problem(refusal.body(), refusal.status, refusal.headers);
  }

  async #denied({ code, status }: Refusal, route: Route | undefined): Promise<void> {
    const event = {
      action: 'ACCESS_DENIED',
      outcome: 'denied',
      source: 'request',
      target: { type: 'AuditEvent' },
      metadata: { attempted: route?.attempts ?? 'READ', code },
      request: { statusCode: status },
    } as const;
    try {
      await this.#api.trail.record(event);
    } catch {
      // It has been reported, and nothing was shown.
    }
  }

  async #catchUp(): Promise<void> {
    await Promise.race([this.#api.trail.flush(), setTimeout(CATCH_UP_MS, undefined, { ref: false })]);
  }

  /** What a watching framework knows of the request already, it knows best, but for which call of the API it is. */
  #infoOf(request: Request, url: URL, match: Match | undefined, { peer }: From): RequestInfo {
    const { trail, watching } = this.#api;
    const route = match && `${this.path}/${match.route.path}`;
    const known = trail.context().request;
    if (known !== undefined) return { ...known, route: route ?? known.route };
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
    const facts = {
      native: request,
      method: request.method,
      url: `${url.pathname}${url.search}`,
      peer,
      header,
      route: () => route,
      body: () => undefined,
    };
    const address = clientAddress(peer, header('x-forwarded-for'), watching.trustedProxies);
    return requestInfo(randomUUID(), url.pathname, facts, address);
  }
}

function actorOf({ id, name, username, email, role }: Viewer): Actor {
  return { type: 'user', id, name, username, email, role };
}

function checkMay(viewer: Viewer, { who }: Route): void {
  if (who === 'own' || who === 'anyone') return;
  if (viewer.may !== 'all')
    throw new Refusal(403, 'Only owners and administrators may see the audit trail.', { code: 'FORBIDDEN' });
  if (who === 'operator' && viewer.tenantId !== null)
    throw new Refusal(403, 'Only those who see every tenant may do this: it is about the trail as a whole.', {
      code: 'FORBIDDEN',
    });
}

function tooLong(): Refusal {
  const most = `The address is longer than ${LONGEST_URL} characters; ask for less at once.`;
  return new Refusal(414, most, { code: 'TOO_LONG' });
}

function nobody(): Refusal {
  return new Refusal(401, 'Nobody is signed in. Sign in, and send what proves it.', {
    code: 'UNAUTHENTICATED',
    headers: { 'WWW-Authenticate': 'Bearer realm="audit"' },
  });
}

function allowed(matches: readonly Match[]): string {
  const methods = matches.flatMap(({ route: { method, isStream } }) =>
    method === 'GET' && isStream !== true ? ['GET', 'HEAD'] : [method],
  );
  return [...methods, 'OPTIONS'].join(', ');
}

function notAllowed({ method }: Request, matches: readonly Match[]): Refusal {
  const Allow = allowed(matches);
  return new Refusal(405, `${method} is not for this; use ${Allow}.`, {
    code: 'METHOD_NOT_ALLOWED',
    headers: { Allow },
  });
}

/** What the trail says of a filter, said of the parameter that gave it. */
function inItsWords(error: unknown, given: Given, { parameters = [] }: Route): unknown {
  if (!(error instanceof AuditError)) return error;
  const { code, message } = error;
  if (code === 'INVALID_CURSOR') return invalidParameter('cursor', said(message, /^The cursor /), code);
  if (code === 'ORDERING_TOO_BROAD')
    return invalidParameter('ordering', `is too broad: ${said(message, /^/)}`, code);
  const member = code === 'INVALID_FILTER' ? /^The filter (\w+)/.exec(message)?.[1] : undefined;
  const parameter = member === 'time' ? 'at' : member && parameterOf(member, given, parameters);
  return parameter ? invalidParameter(parameter, said(message, /^The filter \w+ /), code) : error;
}

function said(message: string, beginning: RegExp): string {
  return message.replace(beginning, '').replace(/\.$/, '');
}
