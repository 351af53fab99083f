import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { expect, it, onTestFinished } from 'vitest';

import { newDataDir } from './running-clinic.js';
import { RunningProcess } from './running-process.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The lines of curl, for the clinic that runs here. */
function script(url: string): string {
  const lines = /<!-- A test runs this. -->\n```sh\n([\s\S]*?)```/.exec(README)?.[1] ?? '';
  return lines.replace('http://localhost:3000', url);
}

it('what the README tells to type does what it says', { timeout: 120_000 }, async () => {
  const dataDir = newDataDir();
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const running = await RunningProcess.start(dataDir);
  const shell = spawn('bash', ['-euo', 'pipefail'], { stdio: ['pipe', 'pipe', 'inherit'] });
  shell.stdin.end(script(running.anybody.url));
  const said = await text(shell.stdout);
  expect(await running.end('SIGTERM')).toBe(0);
  const answers = said.split(/(?<=\})(?=\{)/).map((answer) => JSON.parse(answer) as Answer);
  expect(answers).toMatchObject([
    { id: 7, notes: 'Likes jazz.' },
    { status: 403 },
    { patient: 4, filename: 'letter.txt', size: 14 },
    { patient: { id: 4 }, documents: expect.arrayContaining([expect.objectContaining({ size: 14 })]) },
    { results: expect.any(Array) },
    { results: expect.any(Array) },
  ]);
  expect(answers[4]?.results.map(({ action }) => action)).toEqual([
    'EXPORT',
    'CREATE',
    'ACCESS_DENIED',
    'UPDATE',
    'LOGIN_SUCCESS',
  ]);
  expect(answers[5]?.results[0]?.changes).toEqual({ notes: { old: expect.any(String), new: 'Likes jazz.' } });
});

interface Answer {
  readonly results: readonly { readonly action: string; readonly changes: object }[];
}
