import type { Actor } from './event.js';
import type { LooseInput } from './input.js';

/** What is known about an event before it is completed: the input with its context merged in. */
export interface Draft extends LooseInput {
  readonly id: string;
  readonly timestamp: number;
  readonly actor: Actor;
  /** False when a member of what the caller gave could not be read. */
  readonly isWhole: boolean;
  /** Where completing it twice must give the same bytes. */
  readonly salt?: string | undefined;
}
