import type { WireEvent } from '../wire.js';

/** Spreadsheets take what begins with one of these for a formula, also in their wide forms. */
const FORMULA = /^[\s\uFEFF]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;
/** Some spreadsheets split at semicolons and tabs, too. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** The columns, in the words of the application for its subjects. */
export function csvHead(word: string): string {
  const subject = word
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ');
  const columns = ['Timestamp', 'Actor', 'Role', 'Action', 'Outcome', 'Model', 'Record ID', 'Target'].concat([
    `${subject} ID`,
    'IP Address',
    'User Agent',
    'Reason',
    'Changes',
    'Event ID',
  ]);
  return csvLine(columns);
}

export function csvRow(event: WireEvent): string {
  const { actor, target, subjects } = event;
  return csvLine([
    event.timestamp,
    actor.name ?? actor.username ?? actor.email ?? actor.id ?? actor.type,
    actor.role,
    event.action,
    event.outcome,
    target?.type,
    target?.id,
    target?.label,
    event.subject_id ?? subjects.join(' '),
    event.ip_address,
    event.user_agent,
    event.reason,
    changesCell(event),
    event.id,
  ]);
}

/** One record of RFC 4180. */
export function csvLine(cells: readonly (string | null | undefined)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function changesCell({ changes, changed_fields: fields, values_hidden: isHidden }: WireEvent): string | null {
  if (changes !== null) return JSON.stringify(changes);
  return isHidden && fields.length > 0 ? `${fields.join(', ')} (values hidden)` : null;
}
