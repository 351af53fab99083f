import { type Erased, type ErasureOptions, SubjectErasure } from '../erasure/subject-erasure.js';
import type { LooseInput } from '../event/input.js';
import type { RemovalParts } from '../retention/removing.js';
import { TrailRetention } from '../retention/trail-retention.js';
import type { Settings } from './options.js';
import type { Trail } from './trail.js';

/** What lets events of a trail go: retention and erasure, each with its proof. */
export class Removals {
  readonly retention: TrailRetention;
  readonly #erasure: SubjectErasure;

  constructor(trail: Trail, settings: Settings, record: (event: LooseInput) => Promise<string | undefined>) {
    const parts: RemovalParts = {
      store: settings.store,
      record,
      flush: () => trail.flush(),
      seal: () => trail.seal(),
      keys: () => trail.sealing.keys,
      report: (error) => trail.report(error),
    };
    this.retention = new TrailRetention(parts, settings.retention);
    this.#erasure = new SubjectErasure({
      ...parts,
      tenantId: () => trail.context.current().tenantId ?? '',
      settle: () => trail.settle(),
    });
  }

  erase(subjectId: string, options: ErasureOptions): Promise<Erased> {
    return this.#erasure.erase(subjectId, options);
  }
}
