import type { AuditEvent } from '../event/event.js';
import { ALIASES, type EventFilter } from '../trail/filter.js';
import type { EventPage } from '../trail/reader.js';
import type { LogPage } from './answers.js';
import type { Api } from './api.js';
import type { Body } from './body.js';
import type { Viewer } from './options.js';
import { filterOf, type Given, parameterOf } from './parameters.js';
import { invalidParameter, notFound, Refusal } from './refusal.js';
import type { Match, Route } from './route.js';
import { type WireEvent, wireEvent } from './wire.js';

interface CallParts extends Match {
  readonly api: Api;
  readonly request: Request;
  readonly url: URL;
  readonly viewer: Viewer;
  readonly given: Given;
  readonly body: Body;
}

/** Models of the trail's own events. */
const OWN_MODELS: ReadonlySet<string> = new Set(['AuditEvent', 'RetentionPolicy', 'LegalHold']);

/** One call that has been let in and checked, as a handler sees it. */
export class Call {
  readonly api: Api;
  readonly request: Request;
  readonly url: URL;
  readonly route: Route;
  readonly viewer: Viewer;
  readonly given: Given;
  readonly body: Body;
  readonly #segments: Match['segments'];

  constructor({ api, request, url, route, segments, viewer, given, body }: CallParts) {
    this.api = api;
    this.request = request;
    this.url = url;
    this.route = route;
    this.viewer = viewer;
    this.given = given;
    this.body = body;
    this.#segments = segments;
  }

  segment(name: string): string {
    return this.#segments[name] ?? '';
  }

  text(name: string): string | undefined {
    const value = this.given.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  whole(name: string): number | undefined {
    const value = this.given.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** The tenant to look in: the viewer's own whatever was asked, and null for all only for those who see all. */
  get tenantId(): string | null {
    const asked = this.text('tenant_id');
    const { tenantId } = this.viewer;
    if (tenantId === null) return asked ?? (this.api.settings.hasTenants ? null : '');
    if (asked === undefined || asked === tenantId) return tenantId;
    throw new Refusal(403, 'You may see the events of your own tenant only.', { code: 'FOREIGN_TENANT' });
  }

  /** The filter that was asked for, within the viewer's tenant. */
  async filter(): Promise<EventFilter> {
    const filter = { ...filterOf(this.given, this.route.parameters ?? []), tenantId: this.tenantId };
    if (filter.model !== undefined) await this.checkModel(filter.model, this.#nameOf('model'));
    for (const action of actionsIn(filter.action)) await this.#checkAction(action);
    return filter;
  }

  /** A model is known when the options of the trail name it, or the viewer's part of the trail does: models get renamed. */
  async checkModel(model: string, parameter: string): Promise<void> {
    if (this.api.watching.knowsModel(model) || OWN_MODELS.has(model)) return;
    if (!(await this.#hasAny({ model })))
      throw invalidParameter(parameter, `is ${JSON.stringify(model)}, which is no model of this trail`);
  }

  /** The event that the path names, if the viewer may know of it. */
  async event(): Promise<AuditEvent> {
    const event = await this.api.trail.get(this.segment('id'), { tenantId: this.tenantId });
    if (event === null) throw notFound('There is no such event.');
    return event;
  }

  show(event: AuditEvent): WireEvent {
    return wireEvent(event, this.api.settings.reveals(this.viewer, event.target?.type ?? null));
  }

  page({ events, next, previous, count, countIsExact }: EventPage): LogPage {
    return {
      results: events.map((event) => this.show(event)),
      next: next && this.#at(next),
      previous: previous && this.#at(previous),
      count,
      count_is_exact: countIsExact,
    };
  }

  #at(cursor: string): string {
    const parameters = new URLSearchParams(this.url.search);
    parameters.set('cursor', cursor);
    return `${this.url.pathname}?${parameters.toString()}`;
  }

  #nameOf(member: string): string {
    return parameterOf(member, this.given, this.route.parameters ?? []) ?? member;
  }

  async #checkAction(action: string): Promise<void> {
    if (this.api.serving.knowsAction(action) || Object.hasOwn(ALIASES, action)) return;
    // What is no word at all is told by the trail.
    if (/^[A-Z][A-Z0-9_]{0,63}$/.test(action) && !(await this.#hasAny({ action })))
      throw invalidParameter(
        this.#nameOf('action'),
        `is ${JSON.stringify(action)}, which is no action of this trail`,
      );
  }

  async #hasAny(filter: EventFilter): Promise<boolean> {
    const { events } = await this.api.trail.find({ ...filter, tenantId: this.tenantId, pageSize: 1 });
    return events.length > 0;
  }
}

function actionsIn(action: EventFilter['action']): readonly string[] {
  const names = [action ?? []].flat().flatMap((one) => one.split(','));
  return names.map((name) => name.trim().toUpperCase()).filter((name) => name !== '');
}
