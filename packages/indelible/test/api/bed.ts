import { type Audit, type AuditEvent, createAudit, type Store } from '../../src/index.js';
import { type ApiOptions, auditApi, type Viewer } from '../../src/api.js';
import { SigningKey } from '../../src/integrity.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { openTrail } from '../postgres-trail.js';
import { postgresServers } from '../servers/postgres.js';
import { somewhere } from '../sqlite-trail.js';

export const ORIGIN = 'https://clinic.example';

/** A trail with an API over it, and somebody for every right there is. */
export interface ApiBed {
  readonly audit: Audit;
  readonly store: Store;
  readonly errors: unknown[];
  api(request: Request): Promise<Response>;
  /** Asks as one of the viewers; nobody without one. */
  ask(path: string, options?: AskOptions): Promise<Asked>;
  /** What the trail holds of an action, oldest first, read past the API. */
  recorded(action: string): Promise<AuditEvent[]>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly as?: keyof typeof VIEWERS | undefined;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined for what is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

const VIEWERS = {
  owner: { id: 'o1', name: 'Olga Owner', role: 'owner', tenantId: null, may: 'all' },
  north: { id: 'n1', name: 'Nora North', role: 'owner', tenantId: 'north', may: 'all' },
  south: { id: 's1', name: 'Sam South', role: 'owner', tenantId: 'south', may: 'all' },
  dentist: { id: 'd1', name: 'Dana Dentist', role: 'dentist', tenantId: 'north', may: 'own' },
} as const satisfies Record<string, Viewer>;

/** Whoever the bearer token names, or the cookie. */
export function authorize({ headers }: Request): Viewer | undefined {
  const named =
    headers.get('authorization')?.replace('Bearer ', '') ??
    /session=(\w+)/.exec(headers.get('cookie') ?? '')?.[1] ??
    '';
  return Object.hasOwn(VIEWERS, named) ? VIEWERS[named as keyof typeof VIEWERS] : undefined;
}

export const STORES = {
  sqlite: async () => {
    const place = somewhere();
    const store = createSqliteStore({ path: place.path });
    await store.migrate();
    return { store, drop: async () => place.remove() };
  },
  postgres: async () => {
    const [server] = postgresServers();
    if (server === undefined) throw new Error('no PostgreSQL server');
    const trail = await openTrail(server);
    return { store: trail.store, drop: () => trail.close() };
  },
} as const;

export async function openBed(kind: keyof typeof STORES, options: Partial<ApiOptions> = {}): Promise<ApiBed> {
  const { store, drop } = await STORES[kind]();
  const errors: unknown[] = [];
  const audit = createAudit({
    store,
    spool: false,
    seal: { key: SigningKey.create('clinic.example/audit'), everyMs: 50 },
    models: { Patient: { subject: 'id' }, Appointment: {}, Invoice: {} },
    log: () => undefined,
    onError: (error) => errors.push(error),
  });
  await audit.ready();
  const api = auditApi(audit, { authorize, ...options });
  return {
    audit,
    store,
    errors,
    api,
    ask: async (path, asked = {}) => answered(await api(requestFor(path, asked))),
    recorded: (action) => recorded(audit, action),
    close: async () => {
      await audit.close();
      await drop();
    },
  };
}

export function requestFor(
  path: string,
  { as, method = 'GET', body, headers, signal }: AskOptions = {},
): Request {
  return new Request(path.startsWith('/') ? `${ORIGIN}${path}` : `${ORIGIN}/api/audit/${path}`, {
    method,
    headers: {
      ...(as && { Authorization: `Bearer ${as}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

export async function answered(response: Response): Promise<Asked> {
  const text = await response.text();
  const isJson = /^application\/(?:problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
  const body = (isJson && text !== '' ? JSON.parse(text) : {}) as Asked['body'];
  return { status: response.status, headers: response.headers, text, body };
}

async function recorded(audit: Audit, action: string): Promise<AuditEvent[]> {
  await audit.flush();
  const events: AuditEvent[] = [];
  for await (const event of audit.stream({ tenantId: null, ordering: 'timestamp', action }))
    events.push(event);
  return events;
}

/** What only the events of the tenant `south` hold. */
export const ONLY_SOUTH = 'Aconcagua';

/** A little life in two tenants, with the same ids in both. */
export async function live({ audit }: Pick<ApiBed, 'audit'>): Promise<void> {
  for (const tenantId of ['north', 'south']) {
    const word = tenantId === 'north' ? 'Matterhorn' : ONLY_SOUTH;
    const dentist = { type: 'user', id: 'd1', name: `Dana of ${word}`, role: 'dentist' } as const;
    await audit.run({ tenantId, actor: dentist }, () => lifeOf(audit, tenantId, word));
  }
  await audit.seal();
}

async function lifeOf(audit: Audit, tenant: string, word: string): Promise<void> {
  const target = { type: 'Patient', id: '42', label: `Zoë of ${word}` };
  const about = { target, subjectId: '42' };
  await audit.record({ action: 'CREATE', ...about, after: { id: 42, name: `Zoë of ${word}`, phone: '1' } });
  await audit.record({ action: 'UPDATE', ...about, before: { phone: '1' }, after: { phone: `2 ${word}` } });
  await audit.record({ action: 'READ', ...about, reason: `check-up in ${word}` });
  await audit.record({
    action: 'DELETE',
    target: { type: 'Invoice', id: `7-${tenant}` },
    before: { id: 7, amount: '10', word },
  });
  await audit.record({
    action: 'LOGIN_FAILED',
    outcome: 'failure',
    source: 'auth',
    actor: { type: 'anonymous', username: `who-${word}` },
    request: { ip: tenant === 'north' ? '192.0.2.1' : '192.0.2.2' },
  });
}
