import type { IntegrityAnswer, VerificationAnswer } from '../answers.js';
import { json } from '../answer.js';
import type { Call } from '../call.js';
import type { VerificationRun } from '../verifying.js';
import { keyAnswer, keysOf } from './keys.js';

const KEYS_ARE =
  'The keys are those that this server holds. Whoever holds the server could change them with the trail: an auditor verifies with keys that were written down elsewhere, by npx indelible verify --key.';

/** How the evidence stands. What is about the events of all tenants is for those alone who see all of them. */
export async function integrity(call: Call): Promise<IntegrityAnswer> {
  const { serving, trail, verifying } = call.api;
  const isOperator = call.viewer.tenantId === null;
  const [checkpoint, lag] = await Promise.all([serving.store.lastCheckpoint(), serving.store.lag()]);
  const { level, by, text } = trail.assurance();
  return {
    checkpoint: checkpoint
      ? { tree_size: checkpoint.size, note: checkpoint.note, sealed_at: checkpoint.sealedAt }
      : null,
    unsealed_count: isOperator ? lag.count : null,
    unsealed_since: isOperator ? lag.oldest : null,
    assurance: { level, by, text },
    keys: keysOf(serving).map(keyAnswer),
    keys_are: KEYS_ARE,
    last_verification: verifying.last ? verificationAnswer(verifying.last, isOperator) : null,
  };
}

export function startVerification(call: Call): Response {
  const { settings, verifying } = call.api;
  const run = verifying.start(call.viewer.id);
  return json(verificationAnswer(run, true), 202, { Location: `${settings.path}/integrity/` });
}

function verificationAnswer(run: VerificationRun, isWhole: boolean): VerificationAnswer {
  const { found } = run;
  return {
    state: run.finishedAt === null ? 'running' : run.failure === null ? 'done' : 'failed',
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    is_good: found?.isGood ?? null,
    log: found?.log ?? null,
    assurance: found?.assurance ?? null,
    ...(isWhole && {
      started_by: run.startedBy,
      verified: run.verified,
      of: run.of,
      failure: run.failure,
      unheard_anchors: run.unheard,
      counts: found?.counts ?? null,
      checkpoints: found?.checkpoints ?? null,
      violation_count: found?.violationCount ?? null,
      violations: found?.violations ?? null,
    }),
  };
}
