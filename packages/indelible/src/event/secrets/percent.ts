const ESCAPES = /(?:%[\da-f]{2})+/gi;
/** Whatever `encodeURIComponent` may have made, with what browsers leave bare. */
const PARTS = /[^\s&?#="<>]+/g;
const ESCAPE = /%[\da-f]{2}/i;

/** Percent escapes read, and `+` as the space of a form; what is no escape stays as it is. */
export function decodePercent(text: string): string {
  return text.replaceAll('+', ' ').replace(ESCAPES, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      // Not UTF-8, as old pages send: at least the delimiters show.
      return escapes.replace(/%[0-7][\da-f]/gi, (escape) =>
        String.fromCharCode(parseInt(escape.slice(1), 16)),
      );
    }
  });
}

/** The text with `mask` applied to what its percent-encoded parts, such as a URL within a URL, stand for. */
export function maskEncoded(text: string, mask: (decoded: string) => string): string {
  if (!ESCAPE.test(text)) return text;
  return text.replace(PARTS, (part) => {
    if (!ESCAPE.test(part)) return part;
    const decoded = decodePercent(part);
    const masked = mask(decoded);
    return masked === decoded ? part : encodeURIComponent(masked.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
  });
}
