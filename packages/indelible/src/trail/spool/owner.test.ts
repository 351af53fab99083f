import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

import { describe, expect, it } from 'vitest';

import { isOrphan, newOwner } from './owner.js';

const now = (): number => Date.now();
const ours = `${newOwner()}-1.spool`;
const [place = '', , birth = ''] = newOwner().split('-');

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a file of the spool', () => {
  it('of this process is no orphan, whichever trail or thread of it wrote the file', () => {
    expect(isOrphan(ours, now())).toBe(false);
  });

  it('of a process that has ended is an orphan at once', async () => {
    expect(isOrphan(`${place}-${await deadPid()}-${birth}-00000000-1.spool`, now())).toBe(true);
  });

  it('of another living process is no orphan', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const stat =
      fs.existsSync(`/proc/${child.pid}/stat`) && fs.readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    const born = stat === false ? '0' : stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const name = `${place}-${child.pid}-${born}-00000000-1.spool`;
    expect(isOrphan(name, now())).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOrphan(name, now())).toBe(true);
  });

  it('of an ended process whose number another one has now is an orphan at once', () => {
    expect(isOrphan(`${place}-${process.pid}-1-00000000-1.spool`, now())).toBe(true);
  });

  it('of another machine or container is an orphan only when nobody has touched it for minutes', () => {
    const theirs = `elsewhere.4026531999-1-77-00000000-1.spool`;
    expect(isOrphan(theirs, now())).toBe(false);
    expect(isOrphan(theirs, now() - 10 * 60_000)).toBe(true);
  });

  it('that was left on purpose is anyone’s', () => {
    expect(isOrphan('left-0199.spool', now())).toBe(true);
  });
});
