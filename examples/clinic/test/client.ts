type Json = Readonly<Record<string, unknown>>;

/** The members of an event on the wire that tests look at. */
export interface Event extends Json {
  readonly id: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly type: string; readonly id: string | null; readonly name: string | null } & Json;
  readonly target: {
    readonly type: string;
    readonly id: string | null;
    readonly label: string | null;
  } | null;
  readonly changes: Readonly<Record<string, { old?: unknown; new?: unknown }>> | null;
  readonly before: Json | null;
  readonly after: Json | null;
  readonly metadata: Json | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Speaks to a clinic over HTTP, as one person. */
export class Client {
  readonly url: string;
  readonly token: string | undefined;
  readonly id: number | undefined;

  constructor(url: string, token?: string, id?: number) {
    this.url = url;
    this.token = token;
    this.id = id;
  }

  async signIn(username: string, password: string): Promise<Client> {
    const { status, body } = await this.post('/api/login/', { username, password });
    if (status !== 200) throw new Error(`${username} cannot sign in: ${JSON.stringify(body)}`);
    return new Client(this.url, String(body['token']), (body['user'] as { id: number }).id);
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(body));
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.send('PATCH', path, JSON.stringify(body));
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, JSON.stringify(body));
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Sends a body as it is, valid or not. */
  async send(method: string, path: string, body?: string, scheme = 'Bearer'): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.token === undefined ? {} : { Authorization: `${scheme} ${this.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const parsed: unknown = isJson ? JSON.parse(text) : { text };
    return { status: response.status, headers: response.headers, body: parsed as Answer['body'] };
  }
}
