import { AuditError } from '../event/errors.js';
import { type SigningKey, VerifierKey } from './note-key.js';

/** C2SP signed notes: a text, an empty line, and one line for each signature. */

const MAX_SIGNATURES = 16;
/** Room for that many signatures of the longest kind in use, which is of 4,627 bytes, and for the text. */
const MAX_LENGTH = 128 * 1024;
const ID_LENGTH = 4;
/** Control characters below the space, other than the newline, and what is no character at all. */
const FORBIDDEN = /[^\P{Cc}\n\u007f-\u009f]|\p{Surrogate}/u;
const SIGNATURE_LINE = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** What a note says, once a signature of a known key was found good. */
export interface OpenedNote {
  readonly text: string;
  /** The ids of the keys that signed, in the order of their lines. */
  readonly signedBy: readonly string[];
}

interface SignatureLine {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

/** The text, which ends in a newline, with the signature of every key below it. */
export function signNote(text: string, keys: readonly SigningKey[]): string {
  if (!text.endsWith('\n') || FORBIDDEN.test(text)) throw notANote();
  if (keys.length === 0 || keys.length > MAX_SIGNATURES) throw notANote();
  const note = `${text}\n${keys.map((key) => signatureLine(text, key)).join('')}`;
  if (note.length > MAX_LENGTH) throw notANote();
  return note;
}

/**
 * The text of a note that at least one of the keys signed. Lines of unknown signers are passed over; a line
 * that bears the name and id of a known key, and is not its signature, spoils the note. Undefined for
 * anything else, whatever it is.
 */
export function openNote(note: string, keys: readonly VerifierKey[]): OpenedNote | undefined {
  try {
    const parts = splitNote(note);
    const signedBy = parts && signersOf(parts.text, parts.lines, keys);
    return parts && signedBy && { text: parts.text, signedBy };
  } catch {
    // Something hostile was given, which cannot even be looked at.
    return undefined;
  }
}

/** The bytes that a text of standard base64 spells; undefined where it is not their one spelling. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function signatureLine(text: string, key: SigningKey): string {
  const signed = Buffer.concat([Buffer.from(key.id, 'hex'), key.sign(text)]);
  return `— ${key.name} ${signed.toString('base64')}\n`;
}

function splitNote(note: unknown): { text: string; lines: SignatureLine[] } | undefined {
  if (typeof note !== 'string' || note.length > MAX_LENGTH || FORBIDDEN.test(note)) return undefined;
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(end + 2, -1).split('\n', MAX_SIGNATURES + 1);
  const parsed = lines.map(parseLine).filter((line) => line !== undefined);
  if (parsed.length !== lines.length || lines.length > MAX_SIGNATURES) return undefined;
  return { text: note.slice(0, end + 1), lines: parsed };
}

function parseLine(line: string): SignatureLine | undefined {
  const [, name = '', data = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(data);
  if (bytes === undefined || bytes.length <= ID_LENGTH) return undefined;
  const id = Buffer.from(bytes.subarray(0, ID_LENGTH)).toString('hex');
  return { name, id, signature: bytes.subarray(ID_LENGTH) };
}

/** The ids of the known keys that signed; undefined when there is none, or a signature of one is not good. */
function signersOf(
  text: string,
  lines: readonly SignatureLine[],
  keys: readonly VerifierKey[],
): string[] | undefined {
  const signers = new Set<string>();
  for (const { name, id, signature } of lines) {
    const known = keys.filter((key) => key instanceof VerifierKey && key.name === name && key.id === id);
    if (known.length === 0) continue;
    if (!known.some((key) => key.verify(text, signature))) return undefined;
    signers.add(id);
  }
  return signers.size === 0 ? undefined : [...signers];
}

function notANote(): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    `A note cannot be signed: its text must end in a newline and have no other control characters, it must be signed by 1 to ${MAX_SIGNATURES} keys, and be no longer than ${MAX_LENGTH} characters. Give whole lines of plain text.`,
  );
}
