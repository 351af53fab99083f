import { digestOf, LONGEST_NOTE } from './note-facts.js';

/**
 * How a file keeps notes: each under a line with its length and its digest. The empty line before it ends whatever
 * a crash has left torn, so that one record never spoils the next.
 */
const HEADER = /\n# (\d{1,7}) bytes sha256:([0-9a-f]{64})\n/g;
/** Of a header, at most. */
export const LONGEST_RECORD: number = LONGEST_NOTE + 128;

export function recordOf(note: string): Buffer {
  const bytes = Buffer.from(note);
  return Buffer.concat([Buffer.from(`\n# ${bytes.length} bytes sha256:${digestOf(bytes)}\n`), bytes]);
}

/**
 * The whole records in a part of a file; what is torn, or is none, is passed over. What stands behind `end` may be
 * the beginning of one, unless the file ends there.
 */
export function readRecords(bytes: Buffer): { readonly notes: readonly string[]; readonly end: number } {
  const text = bytes.toString('latin1');
  const notes: string[] = [];
  let end = Math.max(bytes.length - LONGEST_RECORD, 0);
  HEADER.lastIndex = 0;
  for (let found = HEADER.exec(text); found !== null; found = HEADER.exec(text)) {
    const note = bytes.subarray(HEADER.lastIndex, HEADER.lastIndex + Number(found[1]));
    if (digestOf(note) !== found[2]) {
      // The line end of a torn header may be the one that the next record begins with.
      HEADER.lastIndex -= 1;
      continue;
    }
    notes.push(note.toString());
    HEADER.lastIndex += note.length;
    end = Math.max(end, HEADER.lastIndex);
  }
  return { notes, end };
}
