const ID_BYTES = 16;
const HASH_BYTES = 32;

/** An id as the sixteen bytes it stands for. */
export function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** The id of sixteen bytes, which come back from a thread as a plain Uint8Array. */
export function idText(bytes: unknown): string {
  return dashed(Buffer.from(bytes as Uint8Array).toString('hex'));
}

/** The id of its 32 digits. */
export function dashed(digits: string): string {
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

/** Ids one behind the other, as a seal holds them. */
export function packIds(ids: readonly string[]): Buffer {
  return Buffer.concat(ids.map(idBytes));
}

export function packHashes(hashes: readonly Uint8Array[]): Buffer {
  return Buffer.concat(hashes);
}

export function unpackIds(bytes: unknown): string[] {
  return cut(bytes, ID_BYTES).map(idText);
}

export function unpackHashes(bytes: unknown): Uint8Array[] {
  return cut(bytes, HASH_BYTES);
}

/** Where an id lies among packed ones; -1 when it is none of them. */
export function indexOfId(bytes: unknown, id: string): number {
  return unpackIds(bytes).indexOf(id);
}

function cut(bytes: unknown, width: number): Uint8Array[] {
  const packed = bytes as Uint8Array;
  return Array.from({ length: Math.floor(packed.length / width) }, (_, n) =>
    packed.slice(n * width, (n + 1) * width),
  );
}
