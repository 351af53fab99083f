import type { EventCore, SearchColumns } from './entry.js';
import { fold } from './fold.js';
import type { Payload } from './payload.js';
import { unescapeText } from './tagged.js';
import { clipText } from './text.js';

const COLUMN_CHARACTERS = 64;
const SEARCHED_CHARACTERS = 512;

/** The copies to search by, made from the cleaned payload and never from what was given. */
export function searchColumns(core: Pick<EventCore, 'target'>, payload: Payload): SearchColumns {
  const { actor, request, target } = payload;
  return {
    role: column(actor?.role),
    ip: column(request?.ip),
    actorText: searched([actor?.username, actor?.email, actor?.name]),
    text: searched([core.target?.type, target?.label, payload.subject_label, request?.path]),
    subjects: payload.subjects?.length === 0 ? undefined : payload.subjects?.map(unescapeText),
  };
}

function column(text: string | undefined): string | undefined {
  return text === undefined ? undefined : clipText(unescapeText(text), COLUMN_CHARACTERS);
}

function searched(texts: readonly (string | undefined)[]): string | undefined {
  let words = '';
  for (const text of texts) {
    if (text === undefined) continue;
    words += `${words === '' ? '' : ' '}${clipText(unescapeText(text), SEARCHED_CHARACTERS)}`;
  }
  return words === '' ? undefined : clipText(fold(words), SEARCHED_CHARACTERS);
}
