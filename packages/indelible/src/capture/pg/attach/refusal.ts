import { isServerError } from './driver.js';

/** What the values or the rights were to blame for: data, constraints, a check option, a RAISE of the user's. */
const REFUSALS = /^(22|23|44)|^(42501|P0001)$/;
/** What a rewritten text may be to blame for: names, types, rights, forms that a rule or a plan forbids, a lost name. */
const MISUNDERSTANDINGS = /^42|^0A000$|^26000$/;

/** True for a write that the database refused; not for one that it could not do just now. */
export function isRefusal(error: unknown): boolean {
  return isServerError(error) && REFUSALS.test(error.code);
}

/** True when the server has forgotten what was prepared. */
export function isForgotten(error: unknown): boolean {
  return isServerError(error) && error.code === '26000';
}

export function isMisunderstanding(error: unknown): boolean {
  return isServerError(error) && MISUNDERSTANDINGS.test(error.code);
}
