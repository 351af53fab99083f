import type { Settings } from './options.js';

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
