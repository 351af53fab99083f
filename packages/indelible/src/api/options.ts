import { AuditError } from '../event/errors.js';

/** Who calls the API, as the application knows them. */
export interface Viewer {
  readonly id: string;
  readonly name?: string | undefined;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly role?: string | undefined;
  /** The one tenant whose events they may see; null for those of every tenant. */
  readonly tenantId: string | null;
  /** `all` for owners and administrators; `own` for whoever may see no more than what they did themselves. */
  readonly may: 'all' | 'own';
  /** How they are signed in; by default by cookie when the request has one and no `Authorization`. */
  readonly by?: 'cookie' | 'token' | undefined;
}

/** How the application calls the person its records are about. */
export interface SubjectWords {
  /** `patient` by default. */
  readonly word: string;
  /** `patients` by default: the word with an `s`. */
  readonly plural?: string | undefined;
}

export interface ApiOptions {
  /** Who sends a request; null or undefined for nobody. */
  readonly authorize: (request: Request) => Viewer | null | undefined | Promise<Viewer | null | undefined>;
  /** Where the API is mounted; `/api/audit` by default. */
  readonly path?: string | undefined;
  /**
   * False where no event belongs to a tenant: then whoever may see every tenant's is asked for those of none, which
   * have the indexes. True by default.
   */
  readonly tenants?: boolean | undefined;
  readonly subject?: SubjectWords | undefined;
  /** The name of this installation, for whoever shows it. */
  readonly title?: string | undefined;
  /** Origins of other pages that may use a viewer's cookie, such as `https://admin.example`. */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * Whether a viewer may see the values that events hold of a model's records, and not only which fields changed. By
   * default whoever may see all events may.
   */
  readonly reveals?: ((viewer: Viewer, model: string | null) => boolean) | undefined;
  /** How many may follow the trail at once; 50 by default. */
  readonly maxListeners?: number | undefined;
}

/** The options with every default applied. */
export interface ApiSettings {
  readonly authorize: ApiOptions['authorize'];
  /** With a slash in front and none behind; empty at the root. */
  readonly path: string;
  readonly hasTenants: boolean;
  readonly word: string;
  readonly plural: string;
  readonly title: string;
  readonly trustedOrigins: ReadonlySet<string>;
  readonly reveals: (viewer: Viewer, model: string | null) => boolean;
  readonly maxListeners: number;
}

const DEFAULT_PATH = '/api/audit';
const WORD = /^[a-z][a-z0-9_]{0,31}$/;

export function apiSettings(options: ApiOptions): ApiSettings {
  const { authorize, path = DEFAULT_PATH, subject = { word: 'patient' }, title = 'Audit trail' } = options;
  const { word, plural = `${word}s` } = subject;
  if (typeof authorize !== 'function')
    throw refused('authorize is missing', 'give a function that tells who sends a request');
  for (const one of [word, plural])
    if (!WORD.test(one))
      throw refused(`${JSON.stringify(one)} is no word for a subject`, 'use a-z, 0-9 and _');
  return {
    authorize,
    path: plainPath(path),
    hasTenants: options.tenants ?? true,
    word,
    plural,
    title,
    trustedOrigins: new Set((options.trustedOrigins ?? []).map(originOf)),
    reveals: options.reveals ?? (({ may }) => may === 'all'),
    maxListeners: options.maxListeners ?? 50,
  };
}

/** A viewer without a word on tenants must not pass for one of every tenant. */
export function checkViewer(viewer: Viewer): Viewer {
  const { id, tenantId, may } = viewer;
  if (typeof id !== 'string' || id === '') throw refused('authorize gave a viewer without an id', 'give one');
  if (tenantId !== null && typeof tenantId !== 'string')
    throw refused('authorize gave a viewer without a tenantId', 'give the tenant, or null for every tenant');
  if (may !== 'all' && may !== 'own')
    throw refused('authorize gave a viewer that may nothing', "give may: 'all' or 'own'");
  return viewer;
}

function plainPath(path: string): string {
  const plain = path.replace(/\/+$/, '');
  if (plain === '' || /^(?:\/[\w.~-]+)+$/.test(plain)) return plain;
  throw refused(`path is ${JSON.stringify(path)}`, 'give one such as /api/audit');
}

function originOf(text: string): string {
  if (URL.canParse(text)) return new URL(text).origin;
  throw refused(`trustedOrigins holds ${JSON.stringify(text)}`, 'give origins such as https://admin.example');
}

function refused(found: string, remedy: string): AuditError {
  return new AuditError('INVALID_OPTIONS', `auditApi: ${found}; ${remedy}.`);
}
