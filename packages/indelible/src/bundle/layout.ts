/** What a bundle consists of. Released names never change, and nothing else may lie beside them. */
export const FILES = {
  readme: 'README.md',
  manifest: 'manifest.json',
  signature: 'signature.txt',
  checkpoint: 'checkpoint.txt',
  checkpoints: 'checkpoints.ndjson',
  keys: 'keys.txt',
  events: 'events.ndjson',
  proofs: 'proofs.ndjson',
  removals: 'removals.ndjson',
} as const;

export type BundleFile = (typeof FILES)[keyof typeof FILES];

export const NAMES: readonly BundleFile[] = Object.values(FILES);
/** Whoever made the bundle without a key could not sign it. */
export const OPTIONAL: ReadonlySet<BundleFile> = new Set<BundleFile>([FILES.signature]);
/** What the manifest vouches for: all but itself and its signature. */
export const LISTED: readonly BundleFile[] = NAMES.filter(
  (name) => name !== FILES.manifest && name !== FILES.signature,
);

export const FORMAT = 'indelible-bundle@v1';

const MIB = 1024 * 1024;
/** A file that is read whole. */
export const LARGEST_TEXT: number = MIB;
/** An event, with a payload of the largest size written twice over. */
export const LONGEST_LINE: number = 8 * MIB;
/** A removal, with the indexes of millions of leaves. */
export const LONGEST_REMOVAL: number = 65 * MIB;

export function isBundleFile(name: string): name is BundleFile {
  return NAMES.some((known) => known === name);
}
