import type { Target } from '../event/event.js';
import type { LooseInput } from '../event/input.js';

/**
 * Runs `fn` between the two events that tell of an impersonation. Whether or not it throws, the end is recorded too; its
 * own error is the one its caller sees.
 */
export async function impersonating<T>(
  record: (event: LooseInput) => Promise<unknown>,
  target: Target,
  fn: () => T | Promise<T>,
): Promise<T> {
  await record({ action: 'IMPERSONATION_START', target });
  let result: T;
  try {
    result = await fn();
  } catch (error) {
    await record({ action: 'IMPERSONATION_STOP', target }).catch(() => undefined);
    throw error;
  }
  await record({ action: 'IMPERSONATION_STOP', target });
  return result;
}
