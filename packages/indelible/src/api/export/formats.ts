import type { WireEvent } from '../wire.js';
import { csvHead, csvLine, csvRow } from './csv.js';
import type { Account } from './rows.js';

/** How a file of events is written, piece by piece. */
export interface Format {
  readonly type: string;
  readonly head: string;
  row(event: WireEvent, isFirst: boolean): string;
  tail(account: Account): string;
}

export const FORMATS = ['csv', 'json', 'ndjson'] as const;
export type FormatName = (typeof FORMATS)[number];

export function formatOf(name: FormatName, word: string): Format {
  if (name === 'csv')
    return {
      type: 'text/csv; charset=utf-8; header=present',
      head: csvHead(word),
      row: csvRow,
      tail: (account) => (account.isTruncated ? csvLine([truncation(account)]) : ''),
    };
  if (name === 'ndjson')
    return {
      type: 'application/x-ndjson; charset=utf-8',
      head: '',
      row: (event) => `${JSON.stringify(event)}\n`,
      tail: (account) =>
        account.isTruncated ? `${JSON.stringify({ truncated: true, note: truncation(account) })}\n` : '',
    };
  return {
    type: 'application/json; charset=utf-8',
    head: '{"results":[',
    row: (event, isFirst) => `${isFirst ? '' : ','}\n${JSON.stringify(event)}`,
    tail: (account) => `\n],${JSON.stringify(sums(account)).slice(1)}\n`,
  };
}

function sums(account: Account): object {
  const { events, subjects, subjectsAreExact, isTruncated } = account;
  return {
    count: events,
    subject_count: subjects,
    subject_count_is_exact: subjectsAreExact,
    truncated: isTruncated,
  };
}

function truncation({ events }: Account): string {
  return `TRUNCATED: more events match than the ${events} above, as many as were asked for`;
}

/** `audit_logs_20260314_093000.csv`, and for one person `patient_audit_logs_20260314.csv`. */
export function fileName(format: FormatName, word: string | undefined, now: Date): string {
  const [day = '', time = ''] = now
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z/g, '')
    .split('T');
  return word === undefined ? `audit_logs_${day}_${time}.${format}` : `${word}_audit_logs_${day}.${format}`;
}
