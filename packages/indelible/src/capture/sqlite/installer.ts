import type { Capturing } from '../capturing.js';
import { readTables, type Table } from './catalogue.js';
import type { Connection } from './connection.js';
import { PUT_ASIDE } from './replaced.js';
import { pathOf, type TablesByName } from './path.js';
import type { Bodies } from './bodies.js';
import { type CapturedTable, PUT, reportingTriggers, TriggerMaker, type Triggers } from './triggers.js';

const OURS = "SELECT name FROM temp.sqlite_schema WHERE type = 'trigger' AND name GLOB 'indelible_*'";
const REPLACING = "SELECT 1 FROM main.sqlite_schema WHERE sql LIKE '%replace%' LIMIT 1";
const PROBE = `${PUT} VALUES (NULL, NULL, '{}')`;

/** Keeps the triggers on the connection as the tables, and the state of the outbox, ask for. */
export class Installer {
  readonly #connection: Connection;
  readonly #capturing: Capturing;
  readonly #bodies: Bodies;
  #version: number | undefined;
  #broken: unknown;
  #count = 0;
  #replaces = false;

  constructor(connection: Connection, capturing: Capturing, bodies: Bodies) {
    this.#bodies = bodies;
    this.#connection = connection;
    this.#capturing = capturing;
  }

  /** How many tables are captured. */
  get count(): number {
    return this.#count;
  }

  /** Why the outbox cannot be written; undefined when it can. */
  get broken(): unknown {
    return this.#broken;
  }

  /** What is installed can no longer be relied on: a transaction that changed tables was taken back. */
  forget(): void {
    this.#version = undefined;
  }

  /** A statement that may replace rows is about to run; true when that is new. */
  expectReplaced(): boolean {
    if (this.#replaces) return false;
    this.#replaces = true;
    this.forget();
    return true;
  }

  /** Makes the triggers fit the tables; true when anything had to be changed. Cheap when nothing did. */
  fit(): boolean {
    const version = this.#connection.schemaVersion();
    if (version === this.#version && this.#broken === undefined) return false;
    this.#broken = this.#outboxFault();
    const hasChanged = this.#install();
    this.#version = version;
    return hasChanged;
  }

  /** The outbox refused a row: from now on changes are reported, until it can be written again. */
  breakOff(cause: unknown): void {
    this.#broken = cause;
    this.#install();
  }

  /** Out of the way of ALTER TABLE, which fails when a trigger names what it removes. */
  remove(): void {
    this.forget();
    this.#apply(new Map());
  }

  /** Whether the outbox takes a row; it does not keep it. */
  probe(): unknown {
    try {
      this.#connection.tried(PROBE);
      return undefined;
    } catch (cause) {
      return cause;
    }
  }

  #outboxFault(): unknown {
    try {
      this.#connection.compile(PROBE);
      return undefined;
    } catch (cause) {
      return cause;
    }
  }

  #install(): boolean {
    const tables = readTables(this.#connection);
    const byName: TablesByName = new Map(tables.map((table) => [table.name.toLowerCase(), table]));
    const captured = tables.flatMap((table) => this.#captured(table, byName));
    this.#count = captured.length;
    const maker = new TriggerMaker(byName, this.#bodies, this.#mustSeeReplaced());
    const triggers = captured.map((one) =>
      this.#broken === undefined ? maker.make(one) : reportingTriggers(one),
    );
    return this.#apply(new Map(triggers.flatMap((some) => [...some])));
  }

  /** Only where REPLACE is used, and where SQLite does not show itself what it deletes. */
  #mustSeeReplaced(): boolean {
    if (
      this.#connection
        .rows('PRAGMA recursive_triggers')
        .some((row) => Number(row['recursive_triggers']) === 1)
    )
      return false;
    this.#replaces ||= this.#connection.rows(REPLACING).length > 0;
    if (this.#replaces) this.#connection.whole(PUT_ASIDE);
    return this.#replaces;
  }

  #captured(table: Table, tables: TablesByName): CapturedTable[] {
    const isOwn = table.name.toLowerCase().startsWith('indelible_');
    const rules = isOwn ? undefined : this.#capturing.tables.rulesOf({ name: table.name });
    if (!rules) return [];
    for (const steps of [rules.subject, rules.tenant])
      if (steps && pathOf(steps, table, 'NEW', tables) === undefined)
        this.#capturing.warn(
          `The path ${steps.join('.')} of ${rules.model} cannot be followed from the table ${table.name}: each step but the last must be a foreign key, the last a column.`,
        );
    return [{ table, rules }];
  }

  #apply(wanted: Triggers): boolean {
    const present = new Set(this.#connection.rows(OURS).map((row) => String(row['name'])));
    const dropped = [...present]
      .filter((name) => !wanted.has(name))
      .map((name) => `DROP TRIGGER IF EXISTS temp.${name}`);
    const created = [...wanted].filter(([name]) => !present.has(name)).map(([, sql]) => sql);
    const script = [...dropped, ...created];
    if (script.length === 0) return false;
    this.#connection.whole(script.join(';\n'));
    return true;
  }
}
