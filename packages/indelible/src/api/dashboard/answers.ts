import type { Finding } from '../../detectors/finding.js';
import type { WirePerson } from '../wire.js';

/** What the calls answer that a dashboard is made of. */

export interface FacetsAnswer {
  /** How many of the newest events were counted, */
  readonly among: number;
  /** and whether these are all that match. */
  readonly is_exact: boolean;
  readonly facets: Readonly<Record<string, readonly { readonly value: string; readonly count: number }[]>>;
}

export interface HistogramAnswer {
  readonly interval: string;
  readonly buckets: readonly { readonly start: string; readonly count: number }[];
}

export interface FindingAnswer extends Omit<
  Finding,
  'actorId' | 'ip' | 'tenantId' | 'isComplete' | 'acknowledgement'
> {
  readonly actor_id: string | null;
  readonly ip_address: string | null;
  readonly tenant_id: string | null;
  readonly is_complete: boolean;
  readonly acknowledgement: {
    readonly by: WirePerson;
    readonly at: string;
    readonly note: string | null;
  } | null;
}

export interface FindingsAnswer {
  readonly results: readonly FindingAnswer[];
}

export interface StatisticsAnswer {
  readonly total_logs: number;
  readonly logs_today: number;
  readonly logs_this_week: number;
  readonly logs_this_month: number;
  readonly by_action_type: readonly {
    readonly action: string;
    readonly count: number;
    readonly percent: number;
  }[];
  readonly failed_logins_week: number;
  readonly top_users: readonly { readonly actor: WirePerson; readonly count: number }[];
  readonly top_patients: readonly {
    readonly subject_id: string;
    readonly label: string | null;
    readonly count: number;
  }[];
  /** False when there are more events than were counted for `top_patients`, which are the newest then. */
  readonly top_patients_is_exact: boolean;
  readonly suspicious_activity: readonly FindingAnswer[];
  readonly as_of: string;
}
