import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const AROUND = 60;

/** What stands around each place in a file, or in the log beside it, where a text is found in its bytes. */
export function tracesIn(file: string, text: RegExp): string[] {
  const files = ['', '-wal', '-shm', '-journal']
    .map((ending) => file + ending)
    .filter((one) => existsSync(one));
  return files.flatMap((one) => {
    const bytes = readFileSync(one, 'latin1');
    return [...bytes.matchAll(new RegExp(text, 'gi'))].map(({ index }) => {
      const around = bytes.slice(Math.max(index - AROUND, 0), index + AROUND).replaceAll(/[^ -~]/g, '.');
      return `${path.basename(one)} at ${index}: ${around}`;
    });
  });
}
