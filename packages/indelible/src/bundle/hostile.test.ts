import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Zippable, zipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type ClinicLog, EVERYTHING, openClinicLog } from '../../test/bundle/clinic-log.js';
import { createBundle } from './create-bundle.js';
import { FILES } from './layout.js';
import { verifyBundle, type VerifyBundleOptions } from './verify-bundle.js';

const MIB = 1024 * 1024;
const HUNDRED = 100 * MIB;

let log: ClinicLog;
let genuine: string;
let folder: string;

beforeAll(async () => {
  log = await openClinicLog(10);
  genuine = log.newPath();
  await createBundle({
    store: log.store,
    query: EVERYTHING,
    output: genuine,
    keys: [log.key.verifierKey],
    key: log.key,
  });
});
afterAll(() => log.close());
beforeEach(() => {
  folder = log.newPath();
  mkdirSync(folder);
  for (const name of readdirSync(genuine)) copyFileSync(join(genuine, name), join(folder, name));
});

function verify(path: string, options: Partial<VerifyBundleOptions> = {}): Promise<unknown> {
  return verifyBundle(path, { keys: [log.key.verifierKey], ...options });
}

function edit(name: string, change: (text: string) => string): void {
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
}

function refusal(message: RegExp): { code: string; message: string } {
  return { code: 'BUNDLE_REFUSED', message: expect.stringMatching(message) as string };
}

describe('a hostile bundle in a folder is refused', () => {
  it.each<readonly [name: string, harm: () => void, message: RegExp]>([
    ['an unknown file', () => writeFileSync(join(folder, 'run.sh'), 'x'), /"run.sh", which no bundle does/],
    ['a folder', () => mkdirSync(join(folder, 'proofs')), /"proofs", which no bundle does/],
    [
      'a link to a file outside',
      () => {
        rmSync(join(folder, FILES.events));
        symlinkSync('/etc/passwd', join(folder, FILES.events));
      },
      /events.ndjson is no file, but a link/,
    ],
    ['a missing file', () => rmSync(join(folder, FILES.proofs)), /has no proofs.ndjson/],
    [
      'windows line ends',
      () => edit(FILES.events, (text) => text.replaceAll('\n', '\r\n')),
      /carriage return/,
    ],
    ['a torn last line', () => truncateSync(join(folder, FILES.events), 500), /has no end/],
    [
      'what is no JSON',
      () => edit(FILES.events, (text) => `{"a":\n${text}`),
      /line 1 of events.ndjson is no event/,
    ],
    ['an empty line', () => edit(FILES.proofs, (text) => `\n${text}`), /line 1 of proofs.ndjson is no proof/],
    ['a list for an event', () => edit(FILES.events, () => '[]\n'), /is no event/],
    [
      'a negative index',
      () => edit(FILES.events, (text) => text.replace('"index":3', '"index":-3')),
      /line 4 .* is no event/,
    ],
    [
      'an index with a leading zero',
      () => edit(FILES.events, (text) => text.replace('"index":3', '"index":03')),
      /line 4 .* is no event/,
    ],
    [
      'an index beyond all numbers',
      () => edit(FILES.events, (text) => text.replace('"index":3', '"index":1e400')),
      /line 4 .* is no event/,
    ],
    [
      'a half index',
      () => edit(FILES.proofs, (text) => text.replace('"index":3', '"index":3.5')),
      /line 4 .* is no proof/,
    ],
    [
      'a member that stands there twice',
      () => edit(FILES.events, (text) => text.replace('"index":3', '"index":3,"index":3')),
      /line 4 .* is no event/,
    ],
    [
      'a member too many',
      () => edit(FILES.events, (text) => text.replace('"index":3', '"index":3,"valid":true')),
      /line 4 .* is no event/,
    ],
    [
      'a short hash',
      () => edit(FILES.proofs, (text) => text.replace(/"leaf":"[0-9a-f]{2}/, '"leaf":"')),
      /line 1 .* is no proof/,
    ],
    [
      'a proof without end',
      () =>
        edit(FILES.proofs, (text) =>
          text.replace(/"proof":\[/, `"proof":[${`"${'ab'.repeat(32)}",`.repeat(1_000)}`),
        ),
      /line 1 .* is no proof/,
    ],
    [
      'a text a hundred lists deep',
      () => edit(FILES.events, () => `${'['.repeat(5_000_000)}\n`),
      /is no event/,
    ],
    [
      'what is no UTF-8',
      () => writeFileSync(join(folder, FILES.events), Buffer.from([0xff, 0xfe, 0x0a])),
      /is no UTF-8/,
    ],
    [
      'a manifest of another kind',
      () => edit(FILES.manifest, (text) => text.replace('@v1', '@v9')),
      /manifest.json is not as/,
    ],
    [
      'a manifest that says two things',
      () => edit(FILES.manifest, (text) => text.replace('"size"', '"size": 1,\n  "size"')),
      /manifest.json is not as/,
    ],
    ['a manifest without a list', () => edit(FILES.manifest, () => '{}\n'), /manifest.json is not as/],
    [
      'a list of files elsewhere',
      () => edit(FILES.manifest, (text) => text.replace('"README.md"', '"../../etc/passwd"')),
      /manifest.json is not as/,
    ],
    [
      'a manifest of megabytes',
      () => edit(FILES.manifest, () => ' '.repeat(2 * MIB)),
      /manifest.json has 2097152 bytes/,
    ],
  ])('for %s', async (_name, harm, message) => {
    harm();
    await expect(verify(folder)).rejects.toMatchObject(refusal(message));
  });

  it('for a line of a hundred megabytes, without holding it', async () => {
    writeFileSync(join(folder, FILES.events), Buffer.alloc(HUNDRED, 'x'));
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    await expect(verify(folder)).rejects.toMatchObject(refusal(/line 1 of events.ndjson is longer than/));
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * MIB);
  });

  it('for what is not there, or neither file nor folder', async () => {
    await expect(verify(join(folder, 'nothing'))).rejects.toMatchObject(refusal(/ENOENT/));
    symlinkSync(genuine, join(folder, 'link'));
    await expect(verify(join(folder, 'link'))).rejects.toMatchObject(refusal(/neither a file nor a folder/));
  });

  it('for keys without number, or that are none', async () => {
    edit(FILES.keys, (text) => text + `${log.key.verifierKey}\n`.repeat(101));
    await expect(verify(folder, { keys: [] })).rejects.toMatchObject(refusal(/has 102 keys/));
    writeFileSync(join(folder, FILES.keys), 'a+b+c\n');
    await expect(verify(folder, { keys: [] })).rejects.toMatchObject(refusal(/holds what is no key/));
  });

  it.each([
    ['thousands of signatures', (note: string) => note + note.slice(note.indexOf('—')).repeat(5_000)],
    ['a size with a leading zero', (note: string) => note.replace('\n10\n', '\n010\n')],
    ['a negative size', (note: string) => note.replace('\n10\n', '\n-10\n')],
  ])('but a checkpoint with %s is just not signed', async (_name, change) => {
    edit(FILES.checkpoint, change);
    expect(await verify(folder)).toMatchObject({ isProven: false, log: 'BAD_SIGNATURE' });
  });
});

describe('a hostile .zip is refused', () => {
  function contents(): Zippable {
    return Object.fromEntries(readdirSync(genuine).map((name) => [name, readFileSync(join(genuine, name))]));
  }

  function zipped(change: (files: Zippable) => Zippable = (files) => files): Buffer {
    return Buffer.from(zipSync(change(contents())));
  }

  async function verifyZip(bytes: Uint8Array, options: Partial<VerifyBundleOptions> = {}): Promise<unknown> {
    const path = log.newPath('evidence.zip');
    writeFileSync(path, bytes);
    return verify(path, options);
  }

  const unpacked = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith('indelible-bundle-'));

  it('but not a plain one of another program, packed or stored', async () => {
    expect(await verifyZip(zipped())).toMatchObject({ isProven: true });
    const stored = Buffer.from(zipSync(contents(), { level: 0 }));
    expect(await verifyZip(stored)).toMatchObject({ isProven: true });
  });

  it.each<readonly [name: string, bytes: () => Buffer, message: RegExp]>([
    [
      'a path upwards',
      () => zipped((files) => ({ ...unsigned(files), '../evil.txt': Buffer.from('x') })),
      /"..\/evil.txt", which no/,
    ],
    [
      'an absolute path',
      () => zipped((files) => ({ ...unsigned(files), '/tmp/evil.txt': Buffer.from('x') })),
      /"\/tmp\/evil.txt", which no/,
    ],
    [
      'a path of Windows',
      () => zipped((files) => ({ ...unsigned(files), 'C:\\evil.txt': Buffer.from('x') })),
      /evil.txt", which no/,
    ],
    [
      'a path below',
      () => zipped((files) => ({ ...unsigned(files), 'a/manifest.json': Buffer.from('x') })),
      /"a\/manifest.json", which no/,
    ],
    [
      'a link',
      () =>
        zipped((files) => ({
          ...files,
          [FILES.events]: [Buffer.from('/etc/passwd'), { os: 3, attrs: 0o120777 * 0x10000 }],
        })),
      /events.ndjson in the .zip is no file, but a link/,
    ],
    [
      'a name that is there twice',
      () => renamed(zipped(), 'checkpoints.ndjson', 'events.ndjson'),
      /two opinions|twice/,
    ],
    [
      'a name that differs between its two places',
      () => renamedOnce(zipped(), FILES.keys, 'kees.txt'),
      /two opinions about keys.txt/,
    ],
    [
      'a file too many',
      () => zipped((files) => ({ ...files, 'notes.txt': Buffer.from('x') })),
      /the .zip has 10 files/,
    ],
    [
      'a bomb',
      () => zipped((files) => ({ ...files, [FILES.events]: Buffer.alloc(HUNDRED) })),
      /events.ndjson in the .zip would become 104857600 bytes/,
    ],
    [
      'a file longer than it says',
      () => lying(zipped(), FILES.events, (bytes) => bytes - 1),
      /longer than it says/,
    ],
    [
      'a file shorter than it says',
      () => lying(zipped(), FILES.events, (bytes) => bytes + 1),
      /shorter than it says/,
    ],
    ['data that overlaps', () => overlapping(zipped()), /overlaps|two opinions/],
    [
      'an encrypted file',
      () => patched(zipped(), FILES.keys, (entry) => entry.writeUInt16LE(1, 8)),
      /encrypted/,
    ],
    [
      'another way of packing',
      () => patched(zipped(), FILES.keys, (entry) => entry.writeUInt16LE(93, 10)),
      /packed in a way/,
    ],
    ['damaged data', () => damaged(zipped()), /cannot be unpacked|longer than|shorter than/],
    ['bytes behind its end', () => Buffer.concat([zipped(), Buffer.from('more')]), /no plain .zip/],
    ['bytes before its beginning', () => Buffer.concat([Buffer.from('more'), zipped()]), /no plain .zip/],
    ['a cut end', () => zipped().subarray(0, -30), /no plain .zip/],
    ['nothing in it', () => Buffer.alloc(0), /no .zip/],
    [
      'a missing file',
      () => zipped((files) => ({ [FILES.keys]: files[FILES.keys] ?? Buffer.alloc(0) })),
      /has no README.md/,
    ],
  ])('for %s', async (_name, bytes, message) => {
    const before = unpacked();
    await expect(verifyZip(bytes())).rejects.toMatchObject(refusal(message));
    expect(unpacked()).toEqual(before);
  });

  it('for more than it may unpack to', async () => {
    await expect(verifyZip(zipped(), { mostBytes: 1_000 })).rejects.toMatchObject(
      refusal(/and 1000 are the most/),
    );
  });

  it('and nothing is left behind of one that is good', async () => {
    const before = unpacked();
    await verifyZip(zipped());
    expect(unpacked()).toEqual(before);
  });
});

/** With room for a file more. */
function unsigned(files: Zippable): Zippable {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== FILES.signature));
}

/** Where the directory of a .zip has a file. */
function entryOf(zip: Buffer, name: string): Buffer {
  const directory = zip.readUInt32LE(zip.length - 6);
  return zip.subarray(zip.indexOf(name, directory) - 46);
}

function patched(zip: Buffer, name: string, change: (entry: Buffer) => void): Buffer {
  change(entryOf(zip, name));
  return zip;
}

/** Both its own header and the directory say another length; only the data itself does not. */
function lying(zip: Buffer, name: string, change: (bytes: number) => number): Buffer {
  return patched(zip, name, (entry) => entry.writeUInt32LE(change(entry.readUInt32LE(24)), 24));
}

/** A name is as long as it was, so the rest of the file stays where it is. */
function renamed(zip: Buffer, from: string, to: string): Buffer {
  const padded = to.padEnd(from.length, '\0');
  for (let at = zip.indexOf(from); at !== -1; at = zip.indexOf(from, at + 1)) zip.write(padded, at, 'latin1');
  return padded === to ? zip : shortened(zip, padded, to);
}

/** The directory alone names it so; its length is told by the directory, too. */
function shortened(zip: Buffer, padded: string, to: string): Buffer {
  const directory = zip.readUInt32LE(zip.length - 6);
  const entry = zip.subarray(zip.indexOf(padded, directory, 'latin1') - 46);
  entry.writeUInt16LE(to.length, 28);
  entry.writeUInt16LE(padded.length - to.length, 30);
  const local = zip.subarray(entry.readUInt32LE(42));
  local.writeUInt16LE(to.length, 26);
  local.writeUInt16LE(padded.length - to.length, 28);
  return zip;
}

function renamedOnce(zip: Buffer, from: string, to: string): Buffer {
  zip.write(to, zip.indexOf(from), 'latin1');
  return zip;
}

function overlapping(zip: Buffer): Buffer {
  const [one, other] = [entryOf(zip, FILES.proofs), entryOf(zip, FILES.keys)];
  one.writeUInt32LE(one.readUInt32LE(20) + other.readUInt32LE(20) + 10_000, 20);
  return zip;
}

function damaged(zip: Buffer): Buffer {
  const start = entryOf(zip, FILES.events).readUInt32LE(42) + 30 + FILES.events.length;
  zip.fill(0xff, start + 10, start + 60);
  return zip;
}
