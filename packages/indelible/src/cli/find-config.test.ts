import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findConfig } from './find-config.js';

let root = '';

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

/** What is found from a folder, as seen from the root. */
function found(folder: string): string | undefined {
  mkdirSync(join(root, folder), { recursive: true });
  return findConfig(join(root, folder))?.slice(root.length + 1);
}

describe('the configuration', () => {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'indelible-find-')));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is found in the folder itself: .ts before .js before .mjs', () => {
    write('package.json', 'indelible.config.mjs');
    expect(found('.')).toBe('indelible.config.mjs');
    write('indelible.config.js');
    expect(found('.')).toBe('indelible.config.js');
    write('indelible.config.ts');
    expect(found('.')).toBe('indelible.config.ts');
  });

  it('is found above, as far as the nearest package.json', () => {
    write('package.json', 'indelible.config.ts');
    expect(found('src/deep/down')).toBe('indelible.config.ts');
  });

  it('is the nearest where there are several', () => {
    write('package.json', 'indelible.config.ts', 'jobs/indelible.config.mjs');
    expect(found('jobs/nightly')).toBe('jobs/indelible.config.mjs');
  });

  it('of another package is left alone', () => {
    write('package.json', 'indelible.config.ts', 'packages/api/package.json');
    expect(found('packages/api/src')).toBeUndefined();
  });

  it('above is left alone where no package.json says that it is ours', () => {
    write('indelible.config.ts');
    expect(found('.')).toBe('indelible.config.ts');
    expect(found('below')).toBeUndefined();
  });
});
