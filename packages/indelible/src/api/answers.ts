import type { Json } from '../event/event.js';
import type { WireEvent } from './wire.js';

/** What the calls of the API answer. */

type Counts = Readonly<Record<string, number>>;

export interface LogPage {
  readonly results: readonly WireEvent[];
  /** Addresses of the neighbouring pages, from the root of the server; null at the ends. */
  readonly next: string | null;
  readonly previous: string | null;
  /** Null where counting would take too long. */
  readonly count: number | null;
  readonly count_is_exact: boolean;
}

export interface LogStats {
  readonly total_logs: number;
  readonly recent_logs_30_days: number;
  readonly actions_by_type: Counts;
  readonly actions_by_role: Counts;
}

export interface LogSummary {
  readonly days: number;
  readonly total_logs: number;
  readonly actions_by_type: Counts;
  readonly actions_by_role: Counts;
  readonly by_model: Counts;
  readonly by_actor: readonly { readonly actor_id: string; readonly count: number }[];
  readonly by_outcome: Counts;
  readonly per_day: readonly { readonly day: string; readonly count: number }[];
}

export interface RecordStateAnswer {
  readonly model: string;
  readonly id: string;
  readonly at: string;
  readonly exists: boolean;
  readonly fields: Readonly<Record<string, Json>> | null;
  readonly is_complete: boolean;
  readonly last_event_id: string | null;
}

export interface MeAnswer {
  readonly id: string;
  readonly name: string | null;
  readonly username: string | null;
  readonly email: string | null;
  readonly role: string | null;
  readonly tenant_id: string | null;
  readonly may: 'all' | 'own';
  readonly calls: readonly string[];
  readonly words: { readonly subject: string; readonly subjects: string };
  readonly title: string;
}

interface KeyAnswer {
  readonly name: string;
  readonly id: string;
}

export interface ProofAnswer {
  readonly event_id: string;
  readonly leaf_index: number;
  readonly leaf_hash: string;
  readonly core: string | null;
  readonly tree_size: number;
  readonly root_hash: string | null;
  readonly inclusion: readonly string[];
  readonly checkpoint: string;
  readonly tlog_proof: string;
  readonly keys: readonly KeyAnswer[];
}

export interface VerificationAnswer {
  readonly state: 'running' | 'done' | 'failed';
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly is_good: boolean | null;
  readonly log: string | null;
  readonly assurance: string | null;
  readonly started_by?: string;
  readonly verified?: number;
  readonly of?: number;
  readonly failure?: string | null;
  readonly unheard_anchors?: readonly string[];
  readonly counts?: Counts | null;
  readonly checkpoints?: number | null;
  readonly violation_count?: number | null;
  readonly violations?: readonly object[] | null;
}

export interface IntegrityAnswer {
  readonly checkpoint: {
    readonly tree_size: number;
    readonly note: string;
    readonly sealed_at: string;
  } | null;
  readonly unsealed_count: number | null;
  readonly unsealed_since: string | null;
  readonly assurance: { readonly level: string; readonly by: string | null; readonly text: string };
  readonly keys: readonly KeyAnswer[];
  readonly keys_are: string;
  readonly last_verification: VerificationAnswer | null;
}

/** What a policy or a hold is about; a policy by its tenant, action and model alone. */
export interface WireMatch {
  readonly tenant_id?: string;
  readonly action?: string;
  readonly model?: string;
  readonly object_id?: string;
  readonly actor_id?: string;
  readonly subject_id?: string;
}

export interface PolicyAnswer {
  readonly id: string;
  readonly match: WireMatch;
  readonly days: number;
  readonly reason: string | null;
}

export interface HoldAnswer {
  readonly id: string;
  readonly match: WireMatch;
  readonly reason: string;
  readonly placed_at: string;
}

export interface PoliciesAnswer {
  readonly results: readonly PolicyAnswer[];
  readonly default_days: number;
  readonly floor: { readonly with_subject: number; readonly others: number };
}

export interface PreviewAnswer {
  readonly as_of: string;
  readonly cut_off: string | null;
  readonly count: number;
  readonly by_action: Counts;
  readonly by_model: Counts;
  readonly oldest: string | null;
  readonly newest: string | null;
  readonly kept_by_floor: number;
  readonly kept_by_holds: number;
  readonly policies: readonly PolicyAnswer[];
  readonly holds: readonly HoldAnswer[];
  readonly unfinished: number | null;
}

/** RFC 9457. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code?: string;
  readonly errors?: readonly {
    readonly parameter?: string;
    readonly member?: string;
    readonly message: string;
  }[];
}
