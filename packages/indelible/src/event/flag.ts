/** What the recorder had to do to keep an event. */
export type Flag =
  | 'truncated'
  | 'sanitized'
  | 'clock_skew'
  | 'invalid_time'
  | 'unknown_action'
  | 'invalid_input'
  | 'not_restorable';
