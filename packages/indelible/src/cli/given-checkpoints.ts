import { readFileSync, statSync } from 'node:fs';

import { fileAnchor } from '../anchors/file-anchor.js';
import { AuditError, messageOf } from '../event/errors.js';
import { openCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import type { GivenCheckpoint } from '../verify/options.js';
import type { Terminal } from './terminal.js';

const SIGNATURE = '\u2014 ';
/** A larger file is no list of notes that somebody put there by hand. */
const LARGEST = 16 * 1024 * 1024;
/** Of what an anchor has kept for years, so many of the latest are taken, and at most as many of those before. */
const LATEST = 500;

/**
 * The checkpoints in a file that `--checkpoint` names: one note, several, or all that a file anchor has kept there.
 * Of an anchor, what none of the keys signed is passed over, as it is anywhere else.
 */
export async function checkpointsIn(
  file: string,
  keys: readonly string[],
  terminal: Terminal,
): Promise<GivenCheckpoint[]> {
  const bytes = sizeOf(file);
  const kept = await anchoredIn(file, keys);
  const plain = kept.count === 0 && bytes <= LARGEST ? notesIn(readFileSync(file, 'utf8')) : [];
  const notes = kept.count === 0 ? plain : kept.notes;
  if (kept.count > 0) tellOf(file, kept, terminal);
  else if (notes.length === 0) throw neither(file);
  return notes.map((note) => ({ name: file, note }));
}

interface Kept {
  /** How many whole records there are. */
  readonly count: number;
  readonly signed: number;
  readonly notes: readonly string[];
}

/** In constant memory: the latest are all there, and the older they are the fewer. */
async function anchoredIn(file: string, keys: readonly string[]): Promise<Kept> {
  const known = keys.map((key) => VerifierKey.parse(key));
  let [notes, count, signed]: [string[], number, number] = [[], 0, 0];
  for await (const note of fileAnchor({ path: file }).all()) {
    count += 1;
    if (openCheckpoint(note, known) === undefined) continue;
    signed += 1;
    notes.push(note);
    if (notes.length > LATEST * 2) notes = thinned(notes);
  }
  return { notes, count, signed };
}

function thinned(notes: readonly string[]): string[] {
  return notes.filter((_, at) => at % 2 === 0 || at >= notes.length - LATEST);
}

/** Notes one after another; none, where the file holds anything else. */
function notesIn(text: string): string[] {
  const notes: Note[] = [];
  let isOver = true;
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const isSignature = line.startsWith(SIGNATURE);
    if (!isSignature && isOver) notes.push({ body: [], signatures: [] });
    isOver = isSignature;
    const last = notes.at(-1);
    if (last === undefined) return [];
    if (isSignature) last.signatures.push(line);
    else last.body.push(line);
  }
  return isOver ? notes.map(({ body, signatures }) => [...body, '', ...signatures, ''].join('\n')) : [];
}

interface Note {
  readonly body: string[];
  readonly signatures: string[];
}

function tellOf(file: string, { count, signed, notes }: Kept, terminal: Terminal): void {
  if (notes.length === 0)
    throw new AuditError(
      'INVALID_OPTIONS',
      `None of the ${count} checkpoints in ${file} is signed by one of the keys given. Give the keys of the time of that file too.`,
    );
  if (signed < count)
    terminal.note(
      `${count - signed} of the ${count} checkpoints in ${file} are signed by none of the keys, and passed over.`,
    );
  if (notes.length < signed)
    terminal.note(
      `Of the ${signed} checkpoints in ${file}, ${notes.length} are used: the latest, and some of those before.`,
    );
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file);
    if (found.isFile()) return found.size;
  } catch (cause) {
    throw new AuditError('INVALID_OPTIONS', `The checkpoint cannot be read: ${messageOf(cause)}`, cause);
  }
  throw new AuditError('INVALID_OPTIONS', `The checkpoint cannot be read: ${file} is no file.`);
}

function neither(file: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `${file} is neither a checkpoint nor the file of an anchor. Give a signed note as it was printed (name, size and root, an empty line, and a line of a signature that begins with a dash), several of them, or the file that fileAnchor writes.`,
  );
}
