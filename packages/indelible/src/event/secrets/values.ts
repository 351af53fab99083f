import { nextCardNumber } from './cards.js';
import { hideSpans, indexOfMatch, REDACTED, type Span } from './spans.js';

const PEM_HEAD = /-----BEGIN [A-Z0-9 ]{1,64}-----/g;
const NOT_BASE64URL = /[^\w-]/g;
const NOT_TOKEN = /[^\w.-]/g;
/** `{"alg":"x"}` in base64url: a shorter first part is no header. */
const SHORTEST_JWT_HEADER = 15;
const AWS_KEY_ID = /(?<![A-Z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Z0-9])/g;
const CARD_HINT = /\d{4}[ -]?\d{4}/;
const CREDENTIALS = /\b(bearer|basic)([ \t]{1,8})(?!\[redacted\]|\w{1,20}=")([^\s"'<>,;)\]}]+)/gi;
const AFTER_BEARER_IN_PROSE =
  /^(?:tokens?|auth\w*|credentials?|scheme|format|header|error|realm|scope|of|is|was|and|or|the|in|for|to|must|will|with|has|on|at|only)\b/i;
const LOOKS_GENERATED = /\d|[a-z][A-Z]|[-._~+/=]\w|=$|^\S{20}/;
/** A name and a password, where the password may wrongly hold a `/`, but `host:8080/a@b` is no password. */
const NAME_AND_PASSWORD = /^(?!\[)[^\s/?#"<>:]*:(?!\d{1,5}[/?#])[^\s"<>]*$/;
const LONG_USER = /^[^\s/?#"<>:]{16,}$/;
const MORE_USERINFO = /[^\s/?#"'<>@]*@/y;

/** Hides what looks like a secret by itself, whatever it is called. */
export function maskValues(text: string): string {
  let masked = text;
  if (masked.includes('-----BEGIN ')) masked = hideSpans(masked, nextPem);
  if (masked.includes('://')) masked = hideSpans(masked, nextUserinfo);
  if (masked.includes('eyJ')) masked = hideSpans(masked, nextJwt);
  if (masked.includes('IA')) masked = masked.replace(AWS_KEY_ID, REDACTED);
  if (CARD_HINT.test(masked)) masked = hideSpans(masked, nextCardNumber);
  return masked.replace(CREDENTIALS, hideCredentials);
}

/** A whole block, or up to the end of a text that was cut off inside one. */
function nextPem(text: string, from: number): Span | undefined {
  PEM_HEAD.lastIndex = from;
  const head = PEM_HEAD.exec(text);
  if (!head) return undefined;
  const foot = text.indexOf('-----END ', PEM_HEAD.lastIndex);
  const close = foot === -1 ? -1 : text.indexOf('-----', foot + 9);
  return { start: head.index, end: close === -1 ? text.length : close + 5 };
}

/** The `user:password` of a URL, or a user so long that it is a token. */
function nextUserinfo(text: string, from: number): Span | undefined {
  let floor = from;
  for (let at = text.indexOf('@', floor); at !== -1; at = text.indexOf('@', floor)) {
    const before = text.slice(floor, at);
    const scheme = before.lastIndexOf('://');
    const userinfo = before.slice(scheme + 3);
    if (scheme !== -1 && (NAME_AND_PASSWORD.test(userinfo) || LONG_USER.test(userinfo))) {
      return { start: at - userinfo.length, end: lastAt(text, at) };
    }
    floor = at + 1;
  }
  return undefined;
}

/** A password may hold an `@`: the last one in front of the host counts. */
function lastAt(text: string, first: number): number {
  MORE_USERINFO.lastIndex = first + 1;
  let last = first;
  while (MORE_USERINFO.test(text)) last = MORE_USERINFO.lastIndex - 1;
  return last;
}

function nextJwt(text: string, from: number): Span | undefined {
  for (let start = text.indexOf('eyJ', from); start !== -1;) {
    const dot = indexOfMatch(text, NOT_BASE64URL, start);
    const isHeader = text[dot] === '.' && dot - start >= SHORTEST_JWT_HEADER;
    if (isHeader && /^[\w.-]/.test(text.slice(dot + 1, dot + 2))) {
      return { start, end: indexOfMatch(text, NOT_TOKEN, dot) };
    }
    start = text.indexOf('eyJ', dot);
  }
  return undefined;
}

function hideCredentials(whole: string, scheme: string, gap: string, credentials: string): string {
  const secret = /^basic$/i.test(scheme) ? isBasic(credentials) : isBearer(scheme, credentials);
  return secret ? `${scheme}${gap}${REDACTED}` : whole;
}

/** "Bearer abc" is a credential; "the bearer signs" is not. */
function isBearer(scheme: string, credentials: string): boolean {
  if (LOOKS_GENERATED.test(credentials)) return true;
  return scheme !== 'bearer' && !AFTER_BEARER_IN_PROSE.test(credentials);
}

/** Told from "basic metabolic panel" by what it decodes to, `name:password`, or by being no word at all. */
function isBasic(credentials: string): boolean {
  const decoded = Buffer.from(credentials, 'base64').toString('latin1');
  if (decoded.includes(':') && !/\p{Cc}/u.test(decoded)) return true;
  return credentials.endsWith('=') || (credentials.length >= 16 && /\d|[a-z][A-Z]/.test(credentials));
}
