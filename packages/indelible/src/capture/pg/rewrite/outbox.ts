import type { ChangeText } from '../images/row-text.js';
import { contextAt, type Job } from './job.js';
import { name } from '../quote.js';

/** The bytes after which a row of the outbox is full: bounds what a writer and a reader hold at once. */
const FULL = 262_144;

/** Where changes come from: a part of the statement with a column `__c`. */
export interface Changes {
  /** Names of the parts. */
  readonly parts: readonly string[];
  /** True when there can only be few. */
  readonly areFew: boolean;
}

/** Brings the change of a single row to the outbox where that row is returned. */
export function putOne(job: Job, { text, when }: ChangeText): string {
  const put = `${putName(job)}($${contextAt(job)}::text, ARRAY[${text}])`;
  return `${when === undefined ? put : `CASE WHEN ${when} THEN ${put} END`} AS __c`;
}

/**
 * Writes the changes where they belong: a further part of the statement that inserts them, so that a broken
 * outbox refuses the write, or a condition that calls `indelible_put` once and is always true.
 */
export function intoOutbox(
  job: Job,
  changes: Changes,
): { readonly part?: string; readonly condition?: string } {
  const context = `$${contextAt(job)}::text`;
  if (job.failsClosed) {
    const outbox = placed(job.catalogue.outboxSchema, 'indelible_outbox');
    return {
      part: `__i AS (INSERT INTO ${outbox} (context, bodies) SELECT ${context}, ${bundles(changes)})`,
    };
  }
  const put = `${putName(job)}(${context}, `;
  if (changes.areFew) {
    const bodies = `array_agg(__c)) IS DISTINCT FROM '') FROM ${all(changes)}`;
    return { condition: `(SELECT count(__c) = 0 OR (${put}${bodies})` };
  }
  return {
    condition: `(SELECT count(__p) FROM (SELECT ${put}__b) AS __p FROM (SELECT ${bundles(changes)} OFFSET 0) __g) __q) >= 0`,
  };
}

/** `array_agg` and whence, one array for each row of the outbox; no row without changes. */
function bundles(changes: Changes): string {
  if (changes.areFew) return `array_agg(__c) AS __b FROM ${all(changes)} HAVING count(*) > 0`;
  const sizes = `sum(octet_length(__c)) OVER (ROWS UNBOUNDED PRECEDING)`;
  return `array_agg(__c) AS __b FROM (SELECT __c, ${sizes} / ${FULL} AS __n FROM ${all(changes)}) __s GROUP BY __n ORDER BY __n`;
}

function all({ parts }: Changes): string {
  const each = parts.map((part) => `SELECT __c FROM ${part} WHERE __c IS NOT NULL`);
  return `(${each.join(' UNION ALL ')}) __a`;
}

function putName({ catalogue }: Job): string {
  return placed(catalogue.putSchema, 'indelible_put');
}

function placed(schema: string | undefined, what: string): string {
  return schema === undefined ? name(what) : `${name(schema)}.${name(what)}`;
}
