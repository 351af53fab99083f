import { AuditError } from '../event/errors.js';
import type { StoreFinding } from '../stores/store.js';
import { inTime } from './deadline.js';
import type { Settings } from './options.js';
import type { Outbox } from './outbox.js';
import type { TrailStats } from './stats.js';
import type { Teller } from './teller.js';

export interface CheckParts {
  /** How long the store and the outbox may take to answer, in milliseconds. */
  readonly patienceMs: number;
  readonly stats: TrailStats;
  readonly teller: Teller;
}

/** What is attached, in a line each, for whoever watches the program start. */
export function attachedLines(settings: Settings, isOnDisk: boolean): string[] {
  const { store, outbox, models, delivery, failClosed, spool } = settings;
  const deliveries = Object.entries(delivery).map(([key, mode]) => `${key} ${mode}`);
  return [
    `indelible: store: ${store.description}`,
    `indelible: spool: ${isOnDisk ? `${spool?.dir}` : 'memory only: what waits is lost when the process is killed'}`,
    `indelible: outbox: ${outbox?.description ?? 'none: changes recorded by hand are stored before the call resolves'}`,
    `indelible: models: ${modelNames(models)}`,
    `indelible: delivery: ${deliveries.join(', ')}, the rest soon; fail closed: ${String(failClosed)}`,
  ];
}

function modelNames(models: Settings['models']): string {
  const names = Object.entries(models).map(([name, rules]) => (rules === false ? `not ${name}` : name));
  return names.length === 0 ? 'no options given' : names.join(', ');
}

/** Tells what the store and the outbox find unsafe. */
export async function checkStores({ store, outbox }: Settings, parts: CheckParts): Promise<void> {
  const { patienceMs, teller } = parts;
  const findings = [...(await inTime(store.check(), patienceMs, 'the store'))];
  if (outbox) findings.push(...(await checkOutbox(outbox, parts)));
  for (const { severity, message } of findings) {
    teller.log(`indelible: ${severity}: ${message}`);
    if (severity === 'error') teller.report(new AuditError('STORE_UNSAFE', message));
  }
}

/** What the outbox lacks is told, whether it says so or cannot be asked. */
async function checkOutbox(
  outbox: Outbox,
  { patienceMs, stats, teller }: CheckParts,
): Promise<readonly StoreFinding[]> {
  try {
    const findings = await inTime(outbox.check(), patienceMs, 'the outbox', 'OUTBOX_UNAVAILABLE');
    stats.setAside = findings.length > 0 ? 0 : await outbox.countSetAside();
    return findings;
  } catch (error) {
    teller.report(AuditError.from(error, 'OUTBOX_UNAVAILABLE', 'The outbox could not be looked at'));
    return [];
  }
}
