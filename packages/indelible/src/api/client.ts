import type {
  HoldAnswer,
  IntegrityAnswer,
  LogPage,
  LogStats,
  LogSummary,
  MeAnswer,
  PoliciesAnswer,
  PolicyAnswer,
  PreviewAnswer,
  ProblemAnswer,
  ProofAnswer,
  RecordStateAnswer,
  VerificationAnswer,
  WireMatch,
} from './answers.js';
import type { WireEvent } from './wire.js';

export interface ClientOptions {
  /** The path of the API, or its whole address; `/api/audit` by default. */
  readonly path?: string | undefined;
  /** What sends requests; that of the platform by default. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Sent with every request, such as `Authorization`. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
}

/** The filters of a list; what is left out does not matter. */
export interface LogFilter {
  readonly user_id?: string | undefined;
  readonly user?: string | undefined;
  readonly action?: string | readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly object_id?: string | undefined;
  readonly subject_id?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly role?: string | undefined;
  readonly outcome?: WireEvent['outcome'] | undefined;
  readonly source?: WireEvent['source'] | undefined;
  readonly ip_address?: string | undefined;
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
  readonly days?: number | undefined;
  readonly tz?: string | undefined;
  readonly search?: string | undefined;
  readonly ordering?: string | undefined;
  readonly page_size?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface ExportFilter extends Omit<LogFilter, 'page_size' | 'cursor'> {
  readonly format?: 'csv' | 'json' | 'ndjson' | undefined;
  readonly limit?: number | undefined;
}

type TailFilter = Omit<ExportFilter, 'format' | 'limit' | 'ordering' | 'start_date' | 'end_date' | 'days'>;
type Scope = Pick<LogFilter, 'tenant_id'>;
type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** An answer of the API that is a problem. */
export class AuditApiError extends Error {
  readonly status: number;
  readonly problem: ProblemAnswer;

  constructor(problem: ProblemAnswer) {
    super(problem.detail);
    this.name = 'AuditApiError';
    this.status = problem.status;
    this.problem = problem;
  }
}

/** Asks the audit API, from a browser or from anywhere else. */
export class AuditClient {
  readonly #path: string;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #headers: () => Readonly<Record<string, string>>;

  constructor({ path = '/api/audit', fetch = globalThis.fetch, headers }: ClientOptions = {}) {
    this.#path = path.replace(/\/+$/, '');
    // A browser's own `fetch` must not be called as a method.
    this.#fetch = (request) => fetch(request);
    this.#headers = headers ?? (() => ({}));
  }

  me(): Promise<MeAnswer> {
    return this.#get('me/');
  }

  logs(filter: LogFilter = {}): Promise<LogPage> {
    return this.#get('logs/', { ...filter });
  }

  /** The page that the `next` or `previous` of another names. */
  page(address: string): Promise<LogPage> {
    const base = this.#address('');
    return this.#json(new Request(new URL(address, base), { headers: this.#headers() }));
  }

  log(id: string, scope: Scope = {}): Promise<WireEvent> {
    return this.#get(`logs/${part(id)}/`, { ...scope });
  }

  proof(id: string, scope: Scope = {}): Promise<ProofAnswer> {
    return this.#get(`logs/${part(id)}/proof/`, { ...scope });
  }

  myActivity(filter: Omit<LogFilter, 'user_id'> = {}): Promise<LogPage> {
    return this.#get('logs/my_activity/', { ...filter });
  }

  stats(scope: Scope & Pick<LogFilter, 'tz'> = {}): Promise<LogStats> {
    return this.#get('logs/stats/', { ...scope });
  }

  summary(scope: Scope & Pick<LogFilter, 'days' | 'tz'> = {}): Promise<LogSummary> {
    return this.#get('logs/summary/', { ...scope });
  }

  recordHistory(
    model: string,
    id: string,
    filter: Omit<LogFilter, 'model' | 'object_id'> = {},
  ): Promise<LogPage> {
    return this.#get(`records/${part(model)}/${part(id)}/history/`, { ...filter });
  }

  recordState(
    model: string,
    id: string,
    at: Scope & { readonly at?: string } = {},
  ): Promise<RecordStateAnswer> {
    return this.#get(`records/${part(model)}/${part(id)}/state/`, { ...at });
  }

  subjectHistory(id: string, filter: Omit<LogFilter, 'subject_id'> = {}): Promise<LogPage> {
    return this.#get(`subjects/${part(id)}/history/`, { ...filter });
  }

  /** The file, whose body comes piece by piece. */
  async export(filter: ExportFilter = {}): Promise<Response> {
    return this.#answered(this.#request('GET', 'logs/export/', { ...filter }));
  }

  integrity(): Promise<IntegrityAnswer> {
    return this.#get('integrity/');
  }

  verify(): Promise<VerificationAnswer> {
    return this.#json(this.#request('POST', 'integrity/verify/'));
  }

  policies(): Promise<PoliciesAnswer> {
    return this.#get('retention/');
  }

  addPolicy(policy: {
    readonly match: WireMatch;
    readonly days: number;
    readonly reason?: string;
  }): Promise<PolicyAnswer> {
    return this.#json(this.#request('POST', 'retention/', {}, policy));
  }

  changePolicy(id: string, change: Partial<Omit<PolicyAnswer, 'id'>>): Promise<PolicyAnswer> {
    return this.#json(this.#request('PATCH', `retention/${part(id)}/`, {}, change));
  }

  async removePolicy(id: string): Promise<void> {
    await this.#answered(this.#request('DELETE', `retention/${part(id)}/`));
  }

  async holds(): Promise<readonly HoldAnswer[]> {
    return (await this.#get<{ readonly results: readonly HoldAnswer[] }>('retention/holds/')).results;
  }

  placeHold(hold: { readonly match: WireMatch; readonly reason: string }): Promise<HoldAnswer> {
    return this.#json(this.#request('POST', 'retention/holds/', {}, hold));
  }

  async releaseHold(id: string, reason?: string): Promise<void> {
    const body = reason === undefined ? undefined : { reason };
    await this.#answered(this.#request('DELETE', `retention/holds/${part(id)}/`, {}, body));
  }

  retentionPreview(
    scope: Scope & { readonly model?: string; readonly days?: number; readonly as_of?: string } = {},
  ): Promise<PreviewAnswer> {
    return this.#get('retention/preview/', { ...scope });
  }

  /**
   * New events as they come, until the signal is aborted or the server ends: then ask again, after the last that was
   * seen.
   */
  async *tail(
    filter: TailFilter = {},
    { signal, after }: { readonly signal?: AbortSignal; readonly after?: string } = {},
  ): AsyncGenerator<WireEvent> {
    const request = this.#request('GET', 'tail/', { ...filter });
    if (after !== undefined) request.headers.set('Last-Event-ID', after);
    const response = await this.#answered(signal === undefined ? request : new Request(request, { signal }));
    if (response.body === null) return;
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const messages = (text + decoder.decode(piece.value, { stream: true })).split('\n\n');
        text = messages.pop() ?? '';
        for (const message of messages) {
          const data = /^data: (.*)$/m.exec(message)?.[1];
          if (data !== undefined) yield JSON.parse(data) as WireEvent;
        }
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  #get<T>(path: string, parameters: Parameters = {}): Promise<T> {
    return this.#json(this.#request('GET', path, parameters));
  }

  #request(method: string, path: string, parameters: Parameters = {}, body?: object): Request {
    const address = this.#address(path);
    for (const [name, given] of Object.entries(parameters))
      for (const value of [given ?? []].flat()) address.searchParams.append(name, String(value));
    return new Request(address, {
      method,
      headers: { ...this.#headers(), ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** In a browser a path alone is one of the page's own server. */
  #address(path: string): URL {
    const { location } = globalThis as { readonly location?: { readonly href: string } };
    return new URL(`${this.#path}/${path}`, location?.href);
  }

  async #json<T>(request: Request): Promise<T> {
    return (await (await this.#answered(request)).json()) as T;
  }

  async #answered(request: Request): Promise<Response> {
    const response = await this.#fetch(request);
    if (response.ok) return response;
    throw new AuditApiError(await problemIn(response));
  }
}

/** What stands between may answer in another way than the API does. */
async function problemIn(response: Response): Promise<ProblemAnswer> {
  const { status, statusText: title } = response;
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  if (isProblem) return (await response.json()) as ProblemAnswer;
  return { type: 'about:blank', title, status, detail: `The server answered ${status} ${title}.` };
}

function part(text: string): string {
  return encodeURIComponent(text);
}
