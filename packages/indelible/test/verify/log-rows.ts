import type { Bed } from './bed.js';

/** The rows of the log, changed by hand. */
export class LogRows {
  readonly #bed: Bed;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  /** Writes other bytes over the hash of a leaf. */
  async setHash(index: number, hash: Uint8Array): Promise<void> {
    const { first, hashes } = await this.#runOf(index);
    hashes.set(hash, (index - first) * 32);
    await this.#set(first, `hashes = ${this.#bed.bytes(hashes)}`);
  }

  async hash(index: number): Promise<Uint8Array> {
    const { first, hashes } = await this.#runOf(index);
    return hashes.subarray((index - first) * 32, (index - first + 1) * 32);
  }

  /** Writes the ids of a run anew. */
  async setIds(index: number, change: (ids: string[], n: number) => string[]): Promise<void> {
    const { first, ids } = await this.#runOf(index);
    const changed = change([...ids], index - first);
    const packed = Buffer.from(changed.join('').replaceAll('-', ''), 'hex');
    const isArray = this.#bed.first === 'first';
    await this.#set(first, isArray ? `ids = '{${changed.join(',')}}'` : `ids = ${this.#bed.bytes(packed)}`);
  }

  async setHead(text: string): Promise<void> {
    await this.#bed.run(`UPDATE indelible_head SET ${text}`);
  }

  /** Cuts the log off behind so many leaves, with its checkpoints, its events and its head. */
  async cutTo(size: number, head: { root: Uint8Array; frontier: readonly Uint8Array[] }): Promise<void> {
    const { run, first, bytes } = this.#bed;
    await run(`DELETE FROM indelible_seal WHERE ${first} >= ${size}`);
    await run(`DELETE FROM indelible_checkpoint WHERE size > ${size}`);
    await this.setHead(
      `size = ${size}, root = ${bytes(head.root)}, frontier = ${bytes(Buffer.concat(head.frontier))}`,
    );
  }

  async #runOf(index: number): Promise<{ first: number; hashes: Buffer; ids: string[] }> {
    const { run, first, hex } = this.#bed;
    const isArray = first === 'first';
    const ids = isArray ? 'ids::text AS ids' : 'hex(ids) AS ids';
    const [row] = await run(
      `SELECT ${first} AS first, ${hex('hashes')} AS hashes, ${ids} FROM indelible_seal WHERE ${first} <= ${index} ORDER BY ${first} DESC LIMIT 1`,
    );
    const text = String(row?.['ids']);
    return {
      first: Number(row?.['first']),
      hashes: Buffer.from(String(row?.['hashes']), 'hex'),
      ids: isArray ? text.slice(1, -1).split(',') : (text.match(/.{32}/g) ?? []),
    };
  }

  async #set(first: number, text: string): Promise<void> {
    await this.#bed.run(`UPDATE indelible_seal SET ${text} WHERE ${this.#bed.first} = ${first}`);
  }
}
