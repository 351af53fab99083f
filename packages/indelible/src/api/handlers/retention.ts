import { AuditError } from '../../event/errors.js';
import { termsOf } from '../../retention/preview.js';
import type { Hold, Policy } from '../../retention/rule-events.js';
import type { EventMatch } from '../../stores/removal.js';
import type { HoldAnswer, PoliciesAnswer, PolicyAnswer, PreviewAnswer, WireMatch } from '../answers.js';
import { json, nothing } from '../answer.js';
import type { Call } from '../call.js';
import { invalidMember, notFound, Refusal } from '../refusal.js';

/** Each member of a match, by its name on the wire. */
const WIRE: Readonly<Record<string, keyof EventMatch>> = {
  tenant_id: 'tenantId',
  action: 'action',
  model: 'targetType',
  object_id: 'targetId',
  actor_id: 'actorId',
  subject_id: 'subjectId',
};

export async function listPolicies(call: Call): Promise<PoliciesAnswer> {
  const policies = await call.api.trail.retention.policies();
  const { days, floor } = termsOf(call.api.serving.retention);
  return {
    results: policies.filter((policy) => mayKnow(call, policy)).map(policyAnswer),
    default_days: days,
    floor: { with_subject: floor.withSubject, others: floor.others },
  };
}

export async function addPolicy(call: Call): Promise<Response> {
  const { days, reason } = call.body;
  const match = ownMatch(call);
  const policy = await changing(() =>
    call.api.trail.retention.setPolicy({ match, days: Number(days), reason: textIn(reason) }),
  );
  return json(policyAnswer(policy), 201, {
    Location: `${call.api.settings.path}/retention/${encodeURIComponent(policy.id)}/`,
  });
}

export async function changePolicy(call: Call): Promise<PolicyAnswer> {
  const before = await policyOf(call);
  const { days = before.days, reason = before.reason, match: given } = call.body;
  const match = given === undefined ? before.match : ownMatch(call);
  const policy = { id: before.id, match, days: Number(days), reason: textIn(reason) };
  return policyAnswer(await changing(() => call.api.trail.retention.setPolicy(policy)));
}

export async function removePolicy(call: Call): Promise<Response> {
  const { id } = await policyOf(call);
  await changing(() => call.api.trail.retention.removePolicy(id));
  return nothing();
}

export async function previewRetention(call: Call): Promise<PreviewAnswer> {
  const { tenantId } = call;
  const asOf = call.text('as_of');
  const days = call.whole('days');
  if (asOf !== undefined && Number.isNaN(Date.parse(asOf)))
    throw new Refusal(400, 'as_of is no time; give one such as 2026-03-14.', { code: 'INVALID_PARAMETER' });
  const found = await call.api.trail.retention.preview({
    model: call.text('model'),
    tenantId: tenantId ?? undefined,
    days,
    asOf,
  });
  return {
    as_of: found.asOf,
    cut_off: found.cutOff,
    count: found.count,
    by_action: found.byAction,
    by_model: found.byModel,
    oldest: found.oldest,
    newest: found.newest,
    kept_by_floor: found.keptByFloor,
    kept_by_holds: found.keptByHolds,
    policies: found.policies.filter((policy) => mayKnow(call, policy)).map(policyAnswer),
    holds: found.holds.filter((hold) => isOwn(call, hold)).map(holdAnswer),
    unfinished: call.viewer.tenantId === null ? found.unfinished : null,
  };
}

export async function listHolds(call: Call): Promise<{ readonly results: readonly HoldAnswer[] }> {
  const holds = await call.api.trail.retention.holds();
  return { results: holds.filter((hold) => isOwn(call, hold)).map(holdAnswer) };
}

export async function placeHold(call: Call): Promise<Response> {
  const match = ownMatch(call);
  const { retention } = call.api.trail;
  const id = await changing(() => retention.placeHold({ match, reason: String(call.body['reason']) }));
  const hold = (await retention.holds()).find((one) => one.id === id);
  const Location = `${call.api.settings.path}/retention/holds/${encodeURIComponent(id)}/`;
  return json(hold ? holdAnswer(hold) : { id }, 201, { Location });
}

export async function releaseHold(call: Call): Promise<Response> {
  const id = call.segment('id');
  const { retention } = call.api.trail;
  const hold = (await retention.holds()).find((one) => one.id === id);
  if (hold === undefined || !isOwn(call, hold)) throw notFound('There is no such hold.');
  await changing(() => retention.releaseHold(id, textIn(call.body['reason'])));
  return nothing();
}

async function policyOf(call: Call): Promise<Policy> {
  const id = call.segment('id');
  const policy = (await call.api.trail.retention.policies()).find((one) => one.id === id);
  if (policy === undefined || !isOwn(call, policy)) throw notFound('There is no such policy.');
  return policy;
}

/** A rule for the events of a viewer's tenant, or of all only for those who see all. */
function ownMatch({ viewer, body }: Call): EventMatch {
  const match = Object.fromEntries(
    Object.entries((body['match'] ?? {}) as Readonly<Record<string, string>>).map(([name, value]) => [
      WIRE[name] ?? name,
      value,
    ]),
  ) as EventMatch;
  const { tenantId } = viewer;
  if (tenantId === null) return match;
  if (match.tenantId === undefined || match.tenantId === tenantId) return { ...match, tenantId };
  throw new Refusal(403, 'You may make rules for your own tenant only; nothing was changed.', {
    code: 'FOREIGN_TENANT',
  });
}

function isOwn({ viewer: { tenantId } }: Call, { match }: Policy | Hold): boolean {
  return tenantId === null || match.tenantId === tenantId;
}

/** A policy for every tenant names nobody, and is in force for each of them. */
function mayKnow(call: Call, policy: Policy): boolean {
  return isOwn(call, policy) || policy.match.tenantId === undefined;
}

/** What the rules themselves refuse is the caller's to put right. */
async function changing<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof AuditError && error.code === 'INVALID_OPTIONS') throw invalidMember('', said(error));
    throw error;
  }
}

function said({ message }: AuditError): string {
  return `cannot be used: ${message.replace(/\.$/, '')}`;
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function policyAnswer({ id, match, days, reason }: Policy): PolicyAnswer {
  return { id, match: matchAnswer(match), days, reason };
}

function holdAnswer({ id, match, reason, placedAt }: Hold): HoldAnswer {
  return { id, match: matchAnswer(match), reason, placed_at: placedAt };
}

function matchAnswer(match: EventMatch): WireMatch {
  const members = Object.entries(WIRE).map(([name, member]) => [name, match[member]] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
