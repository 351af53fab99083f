import { isServerError } from './driver.js';

/** What the values or the rights were to blame for: data, constraints, a check option, a RAISE of the user's. */
const REFUSALS = /^(22|23|44)|^(42501|P0001)$/;
/** What a rewritten text may be to blame for: names, types, rights, and forms that a rule or a plan forbids. */
const MISUNDERSTANDINGS = /^42|^0A000$/;

/** True for a write that the database refused; not for one that it could not do just now. */
export function isRefusal(error: unknown): boolean {
  return isServerError(error) && REFUSALS.test(error.code);
}

export function isMisunderstanding(error: unknown): boolean {
  return isServerError(error) && MISUNDERSTANDINGS.test(error.code);
}
