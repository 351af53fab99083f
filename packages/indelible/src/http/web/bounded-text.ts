/**
 * The text of a body, when it is no longer than so many bytes and comes before `late`. What is not read stays for
 * whoever has the other end of the clone.
 */
export async function boundedText(
  body: ReadableStream<Uint8Array>,
  most: number,
  late?: Promise<undefined>,
): Promise<string | undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const read = reader.read();
    const piece = await (late === undefined ? read : Promise.race([read, late]));
    if (piece?.done === true) return text + decoder.decode();
    size += piece?.value.byteLength ?? Number.POSITIVE_INFINITY;
    if (piece === undefined || size > most) {
      // Resolves when the other end is cancelled too, which may be never.
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(piece.value, { stream: true });
  }
}

/** What a text says in JSON; undefined when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever it is meant for finds out by themselves.
    return undefined;
  }
}

/** True for `application/json` and its many relatives. */
export function isJson(contentType: string): boolean {
  const type = mediaType(contentType);
  return type.endsWith('/json') || type.endsWith('+json');
}

export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
