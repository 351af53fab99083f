import { invalidMember, Refusal } from './refusal.js';
import { flawOf, type Schema } from './schema.js';

const MOST_BYTES = 64 * 1024;
const IS_JSON = /^application\/(?:[\w.-]+\+)?json\b/i;

export type Body = Readonly<Record<string, unknown>>;

/** The body of a request, as its schema has it; an object without members when there is none. */
export async function readBody(request: Request, schema: Schema): Promise<Body> {
  const text = await textOf(request);
  if (text === '') return checked({}, schema);
  const type = request.headers.get('content-type') ?? '';
  if (!IS_JSON.test(type))
    throw new Refusal(415, 'The body must be JSON, with the content type application/json.', {
      code: 'NOT_JSON',
    });
  return checked(parsed(text), schema);
}

function checked(value: unknown, schema: Schema): Body {
  const flaw = flawOf(value, schema);
  if (flaw !== undefined) throw invalidMember(flaw.at, flaw.message);
  return value as Body;
}

async function textOf({ headers, body }: Request): Promise<string> {
  if (Number(headers.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge();
  if (body === null) return '';
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says of it would show the text; where it is wrong, its sender can find out.
    throw invalidMember('', 'is no JSON');
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, `The body is larger than ${MOST_BYTES} bytes; send less.`, { code: 'TOO_LARGE' });
}
