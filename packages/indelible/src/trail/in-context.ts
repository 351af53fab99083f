import type { Draft } from '../event/draft.js';
import type { RequestInfo } from '../event/event.js';
import { type ReadInput, readInput } from '../event/input.js';
import type { ContextStack } from './context.js';

/** What a caller gave, with whatever he left open taken from the context of now. */
export function inContext(
  { input, isWhole }: ReadInput,
  context: ContextStack,
): Omit<Draft, 'id' | 'timestamp'> {
  const around = readInput(context.current());
  // Not a spread: with members behind it, that takes ten times as long in the engine of Node 20.
  return Object.assign(around.input, input, {
    action: input.action as string,
    actor: input.actor ?? around.input.actor ?? context.nobody(),
    request: merged(around.input.request, input.request),
    isWhole: isWhole && around.isWhole,
  });
}

function merged(around: RequestInfo | undefined, own: RequestInfo | undefined): RequestInfo | undefined {
  return around && own ? Object.assign({}, around, own) : (own ?? around);
}
