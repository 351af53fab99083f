import { Detecting } from '../detectors/detecting.js';
import type { LooseInput } from '../event/input.js';
import type { Settings } from './options.js';
import type { TrailReader } from './reader.js';
import type { Trail } from './trail.js';

/** What looks for suspicious activity in a trail. */
export function detectionIn(
  trail: Trail,
  settings: Settings,
  reader: TrailReader,
  record: (event: LooseInput) => Promise<string | undefined>,
): Detecting {
  return new Detecting({
    options: settings.detectors,
    timeZone: settings.timeZone,
    stream: (filter) => reader.stream(filter),
    record,
    flush: () => trail.flush(),
    tenantId: () => trail.context.current().tenantId,
    actor: () => trail.context.actor() ?? trail.context.nobody(),
    outside: (fn) => trail.context.outside(fn),
    report: (error) => trail.report(error),
  });
}
