import { createHash } from 'node:crypto';

/** Longer than any checkpoint that can be opened. */
export const LONGEST_NOTE: number = 256 * 1024;

const SIZE = /^[^\n]+\n(0|[1-9]\d{0,15})\n/;

/** The size a note claims, whoever signed it; -1 for what is no checkpoint. */
export function claimedSize(note: string): number {
  return Number(SIZE.exec(note)?.[1] ?? -1);
}

/** SHA-256 of a note, in hexadecimal. */
export function digestOf(note: Uint8Array | string): string {
  return createHash('sha256').update(note).digest('hex');
}
