import { entryLeaf } from '../event/entry.js';
import { AuditError, messageOf } from '../event/errors.js';
import { isId } from '../event/id.js';
import { StoredTree } from '../integrity/stored-tree.js';
import { verifyInclusion } from '../integrity/verify-proof.js';
import type { SealedLeaf } from '../stores/seal-log.js';
import { Findings } from './findings.js';
import { payloadProblem, stateOf } from './leaf-state.js';
import { settingsOf, type VerifyOptions, type VerifySettings } from './options.js';
import { Removals } from './removals.js';
import type { SignedHead } from './trust.js';
import type { EventVerdict, LogVerdict, Violation } from './verdict.js';
import type { VerifiableStore } from './verify.js';

/** What was found of one event. */
export interface EventVerification {
  readonly id: string;
  readonly verdict: EventVerdict;
  readonly isGood: boolean;
  /** Of its leaf; null while it has none. */
  readonly index: number | null;
  /** The newest checkpoint, which its leaf was proved to be under; null when it was not. */
  readonly checkpoint: { readonly origin: string; readonly size: number } | null;
  readonly log: LogVerdict;
  readonly violations: readonly Violation[];
}

/**
 * Verifies one event: that it is what its leaf was made from, and that the leaf is under the newest checkpoint, by a
 * proof of some hashes. Whether anything else was altered it does not see.
 */
export async function verifyEvent(
  store: VerifiableStore,
  id: string,
  options: VerifyOptions,
): Promise<EventVerification> {
  if (!isId(id)) throw new AuditError('INVALID_OPTIONS', `${JSON.stringify(id)} is no id of an event.`);
  const settings = settingsOf(options);
  const findings = new Findings(settings.most);
  const index = await store.indexOf(id);
  const [leaf] = index === undefined ? [] : await store.leaves(index, 1);
  const verdict = leaf
    ? await verdictOf(store, leaf, settings, findings)
    : await unsealedVerdict(store, id, index, findings);
  const checkpoint = leaf ? await prove(store, leaf, settings, findings) : null;
  const { log, violations, total } = findings;
  return { id, verdict, isGood: total === 0, index: index ?? null, checkpoint, log, violations };
}

async function verdictOf(
  store: VerifiableStore,
  leaf: SealedLeaf,
  { floorDays, trust }: VerifySettings,
  findings: Findings,
): Promise<EventVerdict> {
  const { index, id } = leaf;
  const state = stateOf(leaf);
  if (state.kind === 'sound') return 'VALID';
  const removals = new Removals(store, { trust, floorDays, now: Date.now() });
  await removals.refresh();
  if (state.kind === 'absent' && removals.explains('purge', index, id)) return 'PURGED';
  if (state.kind === 'emptied' && removals.explains('erase', index, id)) return 'ERASED';
  const verdict = state.kind === 'absent' ? 'MISSING' : 'TAMPERED';
  const why = removals.whyNot(state.kind === 'absent' ? 'purge' : 'erase', index);
  const what = state.kind === 'altered' ? state.what : `the event or its payload is gone, and ${why}`;
  findings.add(verdict, what, { index, id });
  return verdict;
}

async function unsealedVerdict(
  store: VerifiableStore,
  id: string,
  index: number | undefined,
  findings: Findings,
): Promise<EventVerdict> {
  const entry = await store.get(id, null);
  const problem = entry && payloadProblem(entry);
  if (entry !== undefined && problem === undefined) return 'PENDING';
  const verdict = entry === undefined ? 'MISSING' : 'TAMPERED';
  findings.add(verdict, problem ?? 'the trail knows no event of this id', { id, index: index ?? null });
  return verdict;
}

/** By the event as it is now where it can be hashed, else by the hash of its leaf. */
async function prove(
  store: VerifiableStore,
  leaf: SealedLeaf,
  settings: VerifySettings,
  findings: Findings,
): Promise<EventVerification['checkpoint']> {
  const { index, hash, entry } = leaf;
  const last = await store.lastCheckpoint();
  const signed = last && settings.trust.open(last.note);
  if (signed === undefined) {
    findings.add('BAD_SIGNATURE', 'there is no last checkpoint that a key given here signed');
    return null;
  }
  try {
    const proof = await new StoredTree(store).inclusion(index, signed.size);
    const claim = { index, size: signed.size, proof, root: signed.root };
    if ([hash, hashOf(entry) ?? hash].some((leafHash) => verifyInclusion({ ...claim, leafHash })))
      return checkedOrigin(signed, settings, findings);
    findings.add('FORK', 'its leaf is not under the last checkpoint: hashes of the log were altered', {
      index,
    });
  } catch (cause) {
    findings.add('FORK', `its leaf cannot be proved: ${messageOf(cause)}`, { index });
  }
  return null;
}

function hashOf(entry: SealedLeaf['entry']): Uint8Array | undefined {
  try {
    return entry && entryLeaf(entry);
  } catch {
    // It was told of already: what cannot be hashed is not what was sealed.
    return undefined;
  }
}

function checkedOrigin(
  { origin, size }: SignedHead,
  settings: VerifySettings,
  findings: Findings,
): EventVerification['checkpoint'] {
  if (settings.origin !== undefined && settings.origin !== origin)
    findings.add('FORK', `the last checkpoint is of the log ${origin}, not of ${settings.origin}`);
  return { origin, size };
}
