import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';

/** A file nobody has touched for this long has no living owner, whatever its name says. */
const DEAD_AFTER_MS = 120_000;

const PLACE = place();
const NAME = /^([\w.]+)-(\d+)-(\d+)-[0-9a-f]{8}-\d+\.spool$/;

/** A name for one spool of this process: where it runs, its number there, and when it began. */
export function newOwner(): string {
  return `${PLACE}-${process.pid}-${birthOf(process.pid)}-${randomUUID().slice(0, 8)}`;
}

/** True when the process that wrote a file is gone, as its name or its age tells. */
export function isOrphan(name: string, touchedMs: number): boolean {
  const [, where, pid, birth] = NAME.exec(name) ?? [];
  if (where === undefined || Date.now() - touchedMs > DEAD_AFTER_MS) return true;
  return where === PLACE && !isRunning(Number(pid), birth ?? '');
}

/** Process numbers are told apart by machine and, in containers that share a machine's name, by namespace. */
function place(): string {
  const host = os.hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');
  try {
    return `${host}.${/\d+/.exec(fs.readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}`;
  } catch {
    return host; // Not Linux, which is where such namespaces are.
  }
}

function isRunning(pid: number, birth: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return birthOf(pid) === birth;
}

/** Tells a process from a later one that was given the same number; always 0 where nobody knows. */
function birthOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}
