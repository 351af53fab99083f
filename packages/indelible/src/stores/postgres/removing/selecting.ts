import { sql } from 'kysely';

import { timeOf } from '../../../event/id.js';
import type { SelectedLeaf, Selection, SelectionPreview } from '../../removal.js';
import { and, type Fragment, postgresCompiler, type Statement } from '../../sql/dialect.js';
import type { Execute, Row } from '../../sql/reader.js';
import { timeText } from '../rows.js';
import { conditionsOf, latest, storedBefore } from './conditions.js';
import { Preview } from './preview.js';
import { type IdRange, idRanges } from './ranges.js';

/** So many events are looked at by one statement. */
const PART = 5_000;

/** How far a page has come, also when none of its events has a leaf. */
const WALKED = `(SELECT count(*) AS read, (array_agg(id::text ORDER BY id DESC))[1] AS last FROM page) AS walked`;
const WITH_LEAVES = `page LEFT JOIN indelible_leaves(ARRAY(SELECT id FROM page)) AS leaf ON leaf.id = page.id`;

const LEAVES = sql.raw(
  `SELECT page.id::text, leaf.index::text, read, last FROM ${WITH_LEAVES}, ${WALKED} ORDER BY page.id`,
);

const COUNTS = sql.raw(`SELECT action, model, count, read, last, ${timeText('oldest')}, ${timeText('newest')}
  FROM (
    SELECT action, coalesce(target_type, '') AS model, count(leaf.id),
      min(recorded_at) FILTER (WHERE leaf.id IS NOT NULL) AS oldest,
      max(recorded_at) FILTER (WHERE leaf.id IS NOT NULL) AS newest
    FROM ${WITH_LEAVES} GROUP BY action, target_type
  ) AS counted, ${WALKED}`);

const compile = postgresCompiler();

/**
 * What a selection holds, partition by partition and part by part, in the order of ids. Months that began after the
 * last cut-off hold none of it, but where a clock was wrong: these are asked first what was stored in them.
 */
export class Selecting {
  readonly #execute: Execute;
  readonly #probe: Execute;

  /** `probe` must go by the small index on `recorded_at`, however the planner would weigh it. */
  constructor(execute: Execute, probe: Execute) {
    this.#execute = execute;
    this.#probe = probe;
  }

  async select(
    selection: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    const found: SelectedLeaf[] = [];
    for await (const rows of this.#pages(selection, LEAVES, afterId, limit)) {
      found.push(...rows.flatMap(leafOf));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  async preview(selection: Selection): Promise<SelectionPreview> {
    const preview = new Preview();
    for await (const rows of this.#pages(selection, COUNTS, null, PART))
      for (const row of rows) preview.add(row);
    return preview.result();
  }

  async *#pages(
    selection: Selection,
    ask: Fragment,
    afterId: string | null,
    size: number,
  ): AsyncIterable<readonly Row[]> {
    const [conditions, end] = [conditionsOf(selection), latest(selection.clauses)];
    const limit = Math.min(Math.max(size, 1), PART);
    for (const range of (await idRanges(this.#execute)).filter(({ to }) => isBehind(to, afterId))) {
      if (!(await this.#mayHold(range, end))) continue;
      for (let after = afterId, hasMore = true; hasMore;) {
        const rows = await this.#execute(pageOf([...within(range, after), ...conditions], limit, ask));
        yield rows;
        hasMore = Number(rows[0]?.['read'] ?? 0) === limit;
        after = String(rows[0]?.['last']);
      }
    }
  }

  async #mayHold(range: IdRange, end: number): Promise<boolean> {
    if (range.from === undefined || timeOf(range.from) < end) return true;
    const old = and([...within(range, null), storedBefore(end)]);
    const [row] = await this.#probe(
      compile(sql`SELECT EXISTS (SELECT FROM indelible_event WHERE ${old}) AS found`),
    );
    return row?.['found'] === true;
  }
}

function pageOf(conditions: readonly Fragment[], limit: number, ask: Fragment): Statement {
  return compile(sql`WITH page AS MATERIALIZED (
    SELECT id, action, target_type, recorded_at FROM indelible_event
    WHERE ${and(conditions)} ORDER BY id LIMIT ${limit}) ${ask}`);
}

function within({ from, to }: IdRange, after: string | null): Fragment[] {
  return [
    ...(from === undefined ? [] : [sql`id >= ${from}::uuid`]),
    ...(to === undefined ? [] : [sql`id < ${to}::uuid`]),
    ...(after === null ? [] : [sql`id > ${after}::uuid`]),
  ];
}

function isBehind(to: string | undefined, afterId: string | null): boolean {
  return to === undefined || afterId === null || to > afterId;
}

function leafOf({ id, index }: Row): SelectedLeaf[] {
  return index === null ? [] : [{ id: String(id), index: Number(index) }];
}
