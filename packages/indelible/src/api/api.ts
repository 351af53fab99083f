import type { LooseInput } from '../event/input.js';
import type { Watching } from '../http/watching.js';
import type { Audit } from '../trail/create-audit.js';
import type { ApiSettings } from './options.js';
import type { Route } from './route.js';
import type { Serving } from './serving.js';
import type { Listeners } from './tail/listeners.js';
import type { Verifying } from './verifying.js';

/** What the API uses of what users hold, whatever their catalogue of actions. */
type ApiTrail = Pick<
  Audit,
  | 'find'
  | 'get'
  | 'stream'
  | 'history'
  | 'activity'
  | 'subject'
  | 'stateAt'
  | 'summarize'
  | 'assurance'
  | 'findings'
  | 'acknowledge'
  | 'retention'
  | 'run'
  | 'context'
  | 'flush'
  | 'bind'
> & { record(event: LooseInput): Promise<string | undefined> };

/** One API and all it is made of. */
export interface Api {
  readonly trail: ApiTrail;
  readonly serving: Serving;
  readonly watching: Watching;
  readonly settings: ApiSettings;
  readonly routes: readonly Route[];
  readonly verifying: Verifying;
  readonly listeners: Listeners;
}
