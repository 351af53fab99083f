import type { AuthUser } from '../../trail/sign-in/auth-details.js';
import { actorOf } from '../../trail/sign-in/auth-event.js';
import { accountOf, findById, findByName } from './account.js';
import { type Call, type Row, textIn } from './call.js';
import { methodOf } from './method.js';
import type { Moments } from './moment.js';
import type { Telling } from './telling.js';

/** The call that a row is written in; null for what the program does outside of any. */
type Calling = Call | null | undefined;

/** What becomes of users, sessions and passwords, as better-auth's database hooks see it, whichever plugin does it. */
export class Rows {
  readonly #telling: Telling;
  readonly #moments: Moments;

  constructor(telling: Telling, moments: Moments) {
    this.#telling = telling;
    this.#moments = moments;
  }

  /** What is about to be written; an update says afterwards only what came of it. */
  async writes(model: 'user' | 'session' | 'account', data: Row, call: Calling): Promise<void> {
    if (!call) return;
    const moment = this.#moments.of(call);
    moment.writing.set(model, data);
    const id = textIn(call.body, 'userId');
    if (model !== 'user' || typeof data['role'] !== 'string' || id === undefined) return;
    const before = await this.#telling.ask(() => call.context.internalAdapter.findUserById(id));
    moment.roleBefore = textIn(before, 'role');
  }

  async userMade(row: Row, call: Calling): Promise<void> {
    if (call) this.#moments.of(call).hasSignedUp = true;
    const metadata = { signed_up: true };
    const method = call ? methodOf(call) : undefined;
    await this.#tell(call, (around) =>
      this.#auth.activated({ user: accountOf(row), method, metadata, ...around }),
    );
  }

  async userWritten(row: Row, call: Calling): Promise<void> {
    const written = this.#taken('user', call);
    if (written === undefined || !call) return;
    const user = accountOf(row);
    const { roleBefore: from } = this.#moments.of(call);
    const { role: to } = user;
    if (written['emailVerified'] === true)
      await this.#tell(call, (around) => this.#auth.emailVerified({ user, ...around }));
    if (written['banned'] === true)
      await this.#tell(call, (around) => this.#auth.deactivated({ user, ...around }));
    if (written['banned'] === false)
      await this.#tell(call, (around) => this.#auth.activated({ user, ...around }));
    if (from !== undefined && to !== undefined && from !== to)
      await this.#tell(call, (around) => this.#auth.roleChanged({ user, from, to, ...around }));
  }

  async userRemoved(row: Row, call: Calling): Promise<void> {
    const metadata = { deleted: true };
    await this.#tell(call, (around) => this.#auth.deactivated({ user: accountOf(row), metadata, ...around }));
  }

  async sessionBegun(row: Row, call: Calling): Promise<void> {
    if (call) this.#moments.of(call).begun.add(row['id']);
  }

  async sessionWritten(row: Row, call: Calling): Promise<void> {
    if (this.#taken('session', call)?.['expiresAt'] === undefined) return;
    const user = await this.#user(call, row['userId']);
    const sessionId = String(row['id']);
    await this.#tell(call, (around) => this.#auth.tokenRefreshed({ user, sessionId, ...around }));
  }

  /** One that ends in the call it began in, as before a second factor, has never let anybody in. */
  async sessionEnded(row: Row, call: Calling): Promise<void> {
    if (call && this.#moments.of(call).begun.delete(row['id'])) return;
    const user = await this.#user(call, row['userId']);
    const by = textIn(row, 'impersonatedBy');
    if (by !== undefined) return this.#impersonated(call, by, user);
    const why = whyEnded(call?.path);
    const sessionId = String(row['id']);
    await this.#tell(call, (around) =>
      this.#auth.loggedOut({ user, sessionId, metadata: { why }, ...around }),
    );
  }

  /** The password of an account that signs up with it is no change of one. */
  async accountMade(row: Row, call: Calling): Promise<void> {
    if (call && row['password'] && !this.#moments.of(call).hasSignedUp)
      await this.#passwordOf(call, row['userId']);
  }

  /** Of several rows better-auth says only how many there were. */
  async accountWritten(row: Row | number | null, call: Calling): Promise<void> {
    const written = this.#taken('account', call);
    if (!call || typeof written?.['password'] !== 'string') return;
    const id = textIn(row, 'userId') ?? this.#moments.of(call).resetFor ?? textIn(call.body, 'userId');
    await this.#passwordOf(call, id ?? (await this.#telling.ask(() => findByName(call)))?.['id']);
  }

  get #auth(): Telling['audit']['auth'] {
    return this.#telling.audit.auth;
  }

  #tell(call: Calling, record: Parameters<Telling['tell']>[1]): Promise<void> {
    return this.#telling.tell(call ?? undefined, record);
  }

  #taken(model: string, call: Calling): Row | undefined {
    const writing = call ? this.#moments.of(call).writing : undefined;
    const written = writing?.get(model);
    writing?.delete(model);
    return written;
  }

  async #user(call: Calling, id: unknown): Promise<AuthUser> {
    return (await this.#telling.ask(() => findById(call ?? undefined, id))) ?? { id: String(id) };
  }

  async #passwordOf(call: Call, id: unknown): Promise<void> {
    const user = await this.#user(call, id ?? call.context.session?.user['id']);
    await this.#tell(call, (around) => this.#auth.passwordChanged({ user, ...around }));
  }

  async #impersonated(call: Calling, by: string, { id, name, username }: AuthUser): Promise<void> {
    const target = { type: this.#auth.userModel, id, label: name ?? username };
    const actor = actorOf({ id: by });
    await this.#tell(call, (around) =>
      this.#telling.audit.record({ action: 'IMPERSONATION_STOP', source: 'auth', actor, target, ...around }),
    );
  }
}

function whyEnded(path: string | undefined): string | undefined {
  if (path === '/sign-out') return undefined;
  return path === '/get-session' ? 'expired' : 'revoked';
}
