import { queryOf } from '../request-facts.js';
import { boundedText, isJson, mediaType, parsedJson } from './bounded-text.js';

/** A longer body is not looked at: of half a body nobody knows what is secret in it. */
const KEPT = 4 * 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/**
 * What a request says in its body, read beside whoever it is meant for; undefined for what is no JSON and no form.
 * A framework that keeps what was read already gives it by `again`.
 */
export async function bodyOf(request: Request, again?: () => Promise<string> | undefined): Promise<unknown> {
  const { method, headers } = request;
  if (method === 'GET' || method === 'HEAD') return undefined;
  const type = headers.get('content-type') ?? '';
  const isForm = mediaType(type) === FORM;
  if (!(isForm || isJson(type)) || Number(headers.get('content-length') ?? 0) > KEPT) return undefined;
  const text = await textOf(request, again);
  if (text === undefined) return undefined;
  return isForm ? queryOf(`?${text}`) : parsedJson(text);
}

async function textOf(
  request: Request,
  again?: () => Promise<string> | undefined,
): Promise<string | undefined> {
  try {
    if (request.bodyUsed) return await again?.();
    const { body } = request.clone();
    return body === null ? undefined : await boundedText(body, KEPT);
  } catch {
    // Somebody else is reading it, or it broke off: the handler is told so when it reads.
    return undefined;
  }
}
