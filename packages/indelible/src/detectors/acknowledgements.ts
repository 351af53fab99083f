import type { AuditEvent } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import { SEVERITIES } from './detector.js';
import type { Finding } from './finding.js';

export const ACKNOWLEDGED = 'FINDING_ACKNOWLEDGED';

/** When a finding has become so many times what somebody has acknowledged, it is open again. */
const GROWN = 2;

/** The event that says a finding was looked at. */
export function acknowledging(finding: Finding, note: string): LooseInput {
  const { id, type, severity, count, tenantId } = finding;
  return {
    action: ACKNOWLEDGED,
    source: 'manual',
    target: { type: 'Finding', id },
    tenantId: tenantId ?? undefined,
    reason: note,
    metadata: { type, severity, count },
  };
}

/** The findings with the last word on each that still holds. */
export async function withAcknowledgements(
  findings: readonly Finding[],
  events: AsyncIterable<AuditEvent>,
): Promise<Finding[]> {
  const open = new Set(findings.map(({ id }) => id));
  const last = new Map<string, AuditEvent>();
  for await (const event of events) {
    const id = event.target?.id ?? '';
    // They come the newest first.
    if (open.delete(id)) last.set(id, event);
    if (open.size === 0) break;
  }
  return findings.map((finding) => {
    const event = last.get(finding.id);
    return event === undefined || !holds(event, finding) ? finding : acknowledged(finding, event);
  });
}

function acknowledged(finding: Finding, event: AuditEvent): Finding {
  const { actor: by, timestamp: at, reason: note } = event;
  return { ...finding, acknowledgement: { by, at, note } };
}

/** Nobody has acknowledged what came after: neither twice as much, nor worse. */
function holds({ metadata }: AuditEvent, { count, severity }: Finding): boolean {
  const known = metadata?.['count'];
  if (typeof known === 'number' && count >= known * GROWN) return false;
  const worst = SEVERITIES.findIndex((one) => one === metadata?.['severity']);
  return worst === -1 || SEVERITIES.indexOf(severity) <= worst;
}
