import type { Anchor } from '../anchors/anchor.js';
import type { VerifierKey } from '../integrity/note-key.js';
import type { RetentionOptions } from '../retention/preview.js';
import type { Store } from '../stores/store.js';
import type { TrailReader } from '../trail/reader.js';

/** All that the API asks of the trail it serves beyond what users hold. */
export interface Serving {
  readonly store: Store;
  readonly reader: Pick<TrailReader, 'facets' | 'histogram'>;
  readonly anchors: readonly Anchor[];
  readonly retention: RetentionOptions;
  /** True for an action that every trail knows, or the catalogue of this one. */
  knowsAction(action: string): boolean;
  /** The keys that checkpoints are signed with, and were; throws where this trail seals nothing. */
  keys(): readonly VerifierKey[];
}
