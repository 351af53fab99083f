/**
 * Who could take an anchored checkpoint back. `operator`: whoever administers the place it is kept in. `worm`: nobody,
 * until its retention has ended.
 */
export type AnchorAssurance = 'operator' | 'worm';

/** A checkpoint as the log keeps it. */
export interface AnchoredCheckpoint {
  /** How many leaves the log had. */
  readonly size: number;
  /** The signed note, to the letter. */
  readonly note: string;
}

/**
 * A place away from the store that keeps checkpoints, so that a log that was cut short or written anew no longer
 * agrees with what it was. An anchor holds no keys: whether a note is genuine, whoever reads it decides.
 */
export interface Anchor {
  /** Where that is, without credentials. */
  readonly name: string;
  readonly assurance: AnchorAssurance;
  /**
   * Durable when it resolves. Harmless to repeat, and from several processes at once. What is kept is never
   * overwritten or removed. A rejection may also mean "kept, but the answer was lost": put it again.
   */
  put(checkpoint: AnchoredCheckpoint): Promise<void>;
  /**
   * The latest note that is accepted, undefined where there is none. What is not accepted was put there by somebody
   * else, and is passed over.
   */
  newest(accepts?: (note: string) => boolean): Promise<string | undefined>;
  /** Every whole note, genuine or not, in constant memory. */
  all(): AsyncIterable<string>;
  /**
   * Until when nobody can overwrite or remove a checkpoint that is kept there; undefined when it is not locked, or not
   * there. One that calls itself `worm` is asked again and again, and believed as far as it answers.
   */
  lockedUntil?(checkpoint: AnchoredCheckpoint): Promise<Date | undefined>;
}
