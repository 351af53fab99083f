// A verifier of its own, which shares no line with the library: it knows RFC 6962, C2SP signed notes and the columns of
// an event. It reads an export as JSON from standard input, and writes what is wrong with it as JSON.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { text } from 'node:stream/consumers';

const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** JSON with its members in the order of their names, and without those that are null. */
function canonical(value) {
  if (typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).filter((name) => value[name] !== null);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
}

function coreOf(row) {
  return {
    v: row.v,
    id: row.id,
    action: row.action,
    outcome: row.outcome,
    source: row.source,
    actor: { type: row.actor_type, id: row.actor_id },
    tenant_id: row.tenant_id === '' ? null : row.tenant_id,
    target: row.target_type === null ? null : { type: row.target_type, id: row.target_id },
    subject_id: row.subject_id,
    process: row.process_id === null ? null : { id: row.process_id, n: row.process_n },
    count: row.count,
    payload_digest: row.payload_digest,
  };
}

function isSound(row, leaf) {
  if (row === undefined || row.payload === null || row.salt === null) return false;
  const digest = sha(Buffer.from(row.salt, 'hex'), row.payload).toString('hex');
  const own = sha(Buffer.of(0), canonical(coreOf(row))).toString('hex');
  return digest === row.payload_digest && own === leaf;
}

function root(hashes) {
  if (hashes.length === 0) return sha('');
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return sha(Buffer.of(1), root(hashes.slice(0, half)), root(hashes.slice(half)));
}

/** What a note says, when the key signed it. */
function open(note, [name, id, data]) {
  const end = note.indexOf('\n\n') + 1;
  const body = note.slice(0, end);
  const raw = Buffer.from(data, 'base64').subarray(1);
  const key = createPublicKey({ key: Buffer.concat([PREFIX, raw]), format: 'der', type: 'spki' });
  const isSigned = note
    .slice(end + 1)
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, signer]) => signer === name)
    .map(([, , signature]) => Buffer.from(signature, 'base64'))
    .some((bytes) => bytes.toString('hex', 0, 4) === id && verify(null, body, key, bytes.subarray(4)));
  const [origin, size, base64] = body.split('\n');
  return isSigned ? { origin, size: Number(size), root: base64 } : undefined;
}

const { key, events, leaves, checkpoints } = JSON.parse(await text(process.stdin));
const parts = /^([^+]+)\+([^+]+)\+(.+)$/.exec(key).slice(1);
const rows = new Map(events.map((row) => [row.id, row]));
const hashes = leaves.map(({ hash }) => Buffer.from(hash, 'hex'));
const opened = checkpoints.map((note) => open(note, parts));
const wrong = leaves.flatMap(({ id, hash }, index) => (isSound(rows.get(id), hash) ? [] : [index]));
const holds = opened.map(
  (checkpoint) =>
    checkpoint !== undefined &&
    checkpoint.size <= hashes.length &&
    root(hashes.slice(0, checkpoint.size)).toString('base64') === checkpoint.root,
);
const covered = Math.max(0, ...opened.map((checkpoint) => checkpoint?.size ?? 0));
process.stdout.write(JSON.stringify({ wrong, holds, size: hashes.length, covered }));
