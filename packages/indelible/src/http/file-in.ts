import type { AnswerHead } from './request-facts.js';

/** How a file is described that an answer hands out, as far as its headers say. */
export interface HandedOut {
  readonly filename?: string | undefined;
  readonly content_type?: string | undefined;
  readonly size?: number | undefined;
}

const NAME = /filename="((?:[^"\\]|\\.){1,300})"|filename=([^;"\s]{1,300})/i;
const ENCODED = /filename\*=utf-8''([^;\s]{1,900})/i;
const LONGEST = 2_000;

export function fileIn(head: AnswerHead): HandedOut {
  const size = Number(head.header('content-length') ?? Number.NaN);
  return {
    filename: nameIn(head.header('content-disposition')?.slice(0, LONGEST)),
    content_type: head.header('content-type')?.slice(0, LONGEST),
    size: Number.isSafeInteger(size) ? size : undefined,
  };
}

function nameIn(disposition: string | undefined): string | undefined {
  if (disposition === undefined) return undefined;
  const [, encoded] = ENCODED.exec(disposition) ?? [];
  if (encoded !== undefined) return decoded(encoded);
  const [, quoted, plain] = NAME.exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Kept as it came: a name that cannot be decoded is still a name.
    return text;
  }
}
