import type { SealedLeaf } from '../stores/seal-log.js';
import type { Findings } from './findings.js';
import { isEqual, type LeafState, stateOf } from './leaf-state.js';
import { type Numbering, tellsOfNumbers } from './numbering/numbering.js';
import type { Removals } from './removals.js';

interface Parts {
  readonly removals: Removals;
  readonly numbering: Numbering;
  readonly findings: Findings;
}

/** Says of each event which verdict it has. */
export class EventCheck {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Removals that came since are looked for when one of the leaves needs them. */
  async prepare(leaves: readonly SealedLeaf[]): Promise<void> {
    const { removals } = this.#parts;
    const needs = leaves.some(
      (leaf) =>
        leaf.bytes === undefined &&
        ((leaf.entry === undefined && !removals.explains('purge', leaf.index, leaf.id)) ||
          (leaf.entry?.payload === null && !removals.explains('erase', leaf.index, leaf.id))),
    );
    if (needs) await removals.refresh();
  }

  /** Counts the event of a leaf, and answers what it hashes to where that is not its leaf. */
  check(leaf: SealedLeaf): Uint8Array | undefined {
    const state = stateOf(leaf);
    if (state.kind !== 'sound') return this.#checkOther(leaf, state);
    this.#parts.findings.count('VALID');
    this.#see(leaf);
    return undefined;
  }

  /** The entry is made of its bytes only when it is asked for. */
  #see(leaf: SealedLeaf): void {
    const { numbering } = this.#parts;
    const { bytes } = leaf;
    if (bytes && !tellsOfNumbers(bytes.action)) numbering.seeNumber(bytes.process, bytes.time);
    else if (leaf.entry) numbering.see(leaf.entry);
  }

  #checkOther(leaf: SealedLeaf, state: LeafState): Uint8Array | undefined {
    const { index, id, hash, entry } = leaf;
    const { findings, removals, numbering } = this.#parts;
    if (state.kind === 'emptied' && entry) {
      if (removals.explain('erase', index, id)) findings.count('ERASED');
      else
        findings.addEvent('TAMPERED', `its payload is gone, and ${removals.whyNot('erase', index)}`, {
          index,
          id,
        });
      numbering.see(entry);
      return undefined;
    }
    numbering.miss(id);
    if (state.kind === 'absent') {
      if (removals.explain('purge', index, id)) findings.count('PURGED');
      else
        findings.addEvent('MISSING', `the event is gone, and ${removals.whyNot('purge', index)}`, {
          index,
          id,
        });
      return undefined;
    }
    if (state.kind !== 'altered') return undefined;
    findings.addEvent('TAMPERED', state.what, { index, id });
    return state.leaf && isEqual(state.leaf, hash) ? undefined : state.leaf;
  }
}
