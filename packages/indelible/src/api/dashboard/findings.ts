import type { Finding } from '../../detectors/finding.js';
import type { Call } from '../call.js';
import { filterOf } from '../parameters.js';
import { notFound } from '../refusal.js';
import { wirePerson } from '../wire.js';
import type { FindingAnswer, FindingsAnswer } from './answers.js';

/** What looks suspicious, the most serious first. */
export async function listFindings(call: Call): Promise<FindingsAnswer> {
  return { results: (await findingsOf(call)).map(findingAnswer) };
}

export async function acknowledge(call: Call): Promise<FindingAnswer> {
  const id = call.segment('id');
  const found = (await findingsOf(call)).some((one) => one.id === id);
  if (!found) throw notFound('There is no such finding, or none any more.');
  const { days } = filterOf(call.given, call.route.parameters ?? []);
  const note = String(call.body['note']);
  return findingAnswer(await call.api.trail.acknowledge(id, { note, days, tenantId: call.tenantId }));
}

export function findingsOf(call: Call): Promise<readonly Finding[]> {
  const { days, timeZone } = filterOf(call.given, call.route.parameters ?? []);
  return call.api.trail.findings({ days, timeZone, tenantId: call.tenantId });
}

export function findingAnswer(finding: Finding): FindingAnswer {
  const { actorId, ip, tenantId, isComplete, acknowledgement, ...rest } = finding;
  return {
    ...rest,
    actor_id: actorId,
    ip_address: ip,
    tenant_id: tenantId,
    is_complete: isComplete,
    acknowledgement: acknowledgement && { ...acknowledgement, by: wirePerson(acknowledgement.by) },
  };
}
