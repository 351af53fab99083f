// A second verifier of unpacked bundles, which shares no line with the first: node independent.mjs FOLDER VERIFIER-KEY
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [folder, verifierKey] = process.argv.slice(2);
const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];
const problems = [];
const expect = (isSound, problem) => isSound || problems.push(problem);

const file = (name) => readFileSync(`${folder}/${name}`);
const lines = (name) =>
  file(name)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

// The key: name, id, and the algorithm's byte before the 32 of Ed25519.
const [name, id, base64] = verifierKey.split(/\+(?=[0-9a-f]{8}\+)|(?<=\+[0-9a-f]{8})\+/);
const publicKey = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(base64, 'base64').subarray(1).toString('base64url') },
  format: 'jwk',
});

const isSigned = (note) => {
  const [text, signatures] = note.split('\n\n');
  return signatures.split('\n').some((line) => {
    const [dash, signer, data = ''] = line.split(' ');
    const bytes = Buffer.from(data, 'base64');
    if (dash !== '—' || signer !== name || bytes.subarray(0, 4).toString('hex') !== id) return false;
    return verify(null, Buffer.from(`${text}\n`), publicKey, bytes.subarray(4));
  });
};

// The manifest and its signature.
const manifest = JSON.parse(file('manifest.json'));
for (const { name: listed, sha256: digest } of manifest.files)
  expect(sha256(file(listed)).toString('hex') === digest, `${listed} is another file`);
const signature = file('signature.txt').toString();
expect(isSigned(signature), 'the manifest is not signed');
expect(
  signature.includes(`sha256:${sha256(file('manifest.json')).toString('hex')}\n`),
  'the signature is over another manifest',
);

// The checkpoint.
const note = file('checkpoint.txt').toString();
expect(isSigned(note), 'the checkpoint is not signed');
const [, decimal, root64] = note.split('\n');
const size = Number(decimal);
const root = Buffer.from(root64, 'base64');

/** RFC 6962, by its definition: the root of the leaves from one to another, given one of them and the way up. */
const rootWith = (leaf, index, from, to, way) => {
  if (to - from === 1) return way.length === 0 ? leaf : Buffer.alloc(0);
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  const sibling = way.at(-1) ?? Buffer.alloc(0);
  const rest = way.slice(0, -1);
  return index < from + half
    ? sha256(NODE, rootWith(leaf, index, from, from + half, rest), sibling)
    : sha256(NODE, sibling, rootWith(leaf, index, from + half, to, rest));
};

const isIn = ({ index, core }, { index: at, leaf, proof }) => {
  const hash = Buffer.from(leaf, 'hex');
  if (core !== null && sha256(LEAF, core).compare(hash) !== 0) return false;
  if (index !== at || index >= size) return false;
  const way = proof.map((one) => Buffer.from(one, 'hex'));
  return rootWith(hash, index, 0, size, way).compare(root) === 0;
};
const isBound = ({ core, payload, salt }) =>
  sha256(Buffer.from(salt, 'hex'), payload).toString('hex') === JSON.parse(core).payload_digest;

// What was removed by decision.
const removals = lines('removals.ndjson').map(({ event, proof, manifest: decision, note: signed }) => {
  const digest = `sha256:${sha256(decision).toString('base64url')}`;
  const { kind } = JSON.parse(decision);
  const text = `indelible-removal@v1\n${kind} ${event.id}\n${digest}\n\n`;
  expect(isSigned(signed) && signed.startsWith(text), 'a removal is not signed');
  expect(isIn(event, proof) && isBound(event), 'a removal is not in the log');
  expect(JSON.parse(event.payload).metadata.manifest === digest, 'a removal is not the one that was decided');
  return { ...JSON.parse(decision), by: event.index };
});
const covers = (kind, index) =>
  removals.some(
    (removal) =>
      removal.kind === kind &&
      index < removal.by &&
      removal.ranges.split(',').some((range) => {
        const [first, last = first] = range.split('-').map(Number);
        return first <= index && index <= last;
      }),
  );

// The events.
const proofs = new Map(lines('proofs.ndjson').map((proof) => [proof.index, proof]));
const events = lines('events.ndjson');
expect(events.length === manifest.counts.events, 'there are more or fewer events');
expect(proofs.size === events.filter(({ index }) => index !== null).length, 'there are more or fewer proofs');
for (const event of events) {
  const { index, core, payload } = event;
  if (core !== null) expect(JSON.parse(core).id === event.id, `${event.id} has another core`);
  if (payload !== null) expect(isBound(event), `${event.id} has another payload`);
  if (index === null) continue;
  expect(proofs.has(index) && isIn(event, proofs.get(index)), `${event.id} is not in the log`);
  if (core === null) expect(covers('purge', index), `${event.id} is gone`);
  else if (payload === null) expect(covers('erase', index), `${event.id} has lost its payload`);
}

process.stdout.write(`${JSON.stringify({ isGood: problems.length === 0, problems })}\n`);
