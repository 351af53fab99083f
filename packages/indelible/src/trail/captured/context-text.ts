import { type LooseInput, readInput } from '../../event/input.js';

/** What a context was, from its text in the outbox; of a text that is none, nothing. */
export function readContext(text: string): Partial<LooseInput> {
  try {
    return readInput(JSON.parse(text)).input;
  } catch {
    // Somebody else's text: the change is kept, without what it could not say.
    return {};
  }
}
