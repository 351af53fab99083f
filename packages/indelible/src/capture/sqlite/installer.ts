import type { Capturing } from '../capturing.js';
import type { Bodies } from './bodies.js';
import { readTables, type Table } from './catalogue.js';
import type { Connection } from './connection.js';
import { pathOf, type TablesByName } from './path.js';
import { PUT_ASIDE } from './replaced.js';
import { type CapturedTable, PUT, reportingTriggers, TriggerMaker, type Triggers } from './triggers.js';

const OURS = "SELECT name FROM temp.sqlite_schema WHERE type = 'trigger' AND name GLOB 'indelible_*'";
const REPLACING = "SELECT 1 FROM main.sqlite_schema WHERE sql LIKE '%replace%' LIMIT 1";
const ON_OUTBOX =
  "SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = 'indelible_outbox' LIMIT 1";
const PROBE = `${PUT} VALUES (NULL, NULL, '{}')`;

/** Keeps the triggers on the connection as the tables, and the state of the outbox, ask for. */
export class Installer {
  readonly #connection: Connection;
  readonly #capturing: Capturing;
  readonly #bodies: Bodies;
  #version: number | undefined;
  #broken: unknown;
  #missing: unknown;
  #count = 0;
  #replaces = false;
  #isTentative = false;

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

  /** Why there are no triggers at all, not even such as report what is lost. */
  get missing(): unknown {
    return this.#missing;
  }

  /** The application changed its tables, or a setting that triggers depend on. */
  redefined(isInside: boolean): void {
    this.#isTentative ||= isInside;
    this.#version = undefined;
  }

  /** A transaction ended, or a part of it was taken back, and our triggers perhaps with it; true when so. */
  settle(isInside: boolean): boolean {
    if (!this.#isTentative) return false;
    this.#isTentative = isInside;
    this.#version = undefined;
    return true;
  }

  /** What is installed can no longer be relied on. */
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
    try {
      const version = this.#connection.schemaVersion();
      if (version === this.#version && this.#broken === undefined) return false;
      const fault = this.#outboxFault();
      if (version === this.#version && fault !== undefined) return false;
      this.#broken = fault;
      this.#version = undefined;
      const hasChanged = this.#install();
      this.#version = version;
      this.#missing = undefined;
      return hasChanged;
    } catch (cause) {
      // Nothing of ours may break a write: without triggers it goes on, or is refused, as its rules say.
      if (this.#version === undefined) this.#missing = cause;
      return false;
    }
  }

  /** Turns to reporting when the outbox is why this error came; true when that changed anything. */
  breakOff(error: unknown, isNamed: boolean): boolean {
    const cause = isNamed ? error : this.#probe();
    if (cause === undefined) return false;
    this.#broken = cause;
    try {
      return this.#install();
    } catch (failure) {
      this.#missing = failure;
      return false;
    }
  }

  /** Out of the way of ALTER TABLE, which fails when a trigger names what it removes. */
  remove(): void {
    this.forget();
    try {
      this.#apply(new Map());
    } catch (cause) {
      this.#missing = cause;
    }
  }

  /** Only a trigger on the outbox can refuse its rows without the outbox being named in the error. */
  #probe(): unknown {
    if (this.#connection.rows(ON_OUTBOX).length === 0) return undefined;
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
    const maker = new TriggerMaker(byName, this.#bodies, this.#mustSeeReplaced());
    const wanted = captured.flatMap((one) => [
      ...(this.#broken === undefined ? maker.make(one) : reportingTriggers(one)),
    ]);
    this.#count = captured.length;
    return this.#apply(new Map(wanted));
  }

  /** Only where REPLACE is used, and where SQLite does not show itself what it deletes. */
  #mustSeeReplaced(): boolean {
    const [setting] = this.#connection.rows('PRAGMA recursive_triggers');
    if (Number(setting?.['recursive_triggers']) === 1) return false;
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
    if (table.key.length === 0)
      this.#capturing.warn(`The table ${table.name} has no key, so that its changes name no record.`);
    if (table.hasUniqueExpression && this.#replaces)
      this.#capturing.warn(
        `The table ${table.name} has a unique index over an expression: rows that REPLACE deletes because of it are not seen, unless the connection sets PRAGMA recursive_triggers = ON.`,
      );
    return [{ table, rules }];
  }

  #apply(wanted: Triggers): boolean {
    const present = new Set(this.#connection.rows(OURS).map((row) => String(row['name'])));
    const dropped = [...present].filter((name) => !wanted.has(name));
    const created = [...wanted].filter(([name]) => !present.has(name)).map(([, sql]) => sql);
    const script = [...dropped.map((name) => `DROP TRIGGER IF EXISTS temp.${name}`), ...created];
    if (script.length === 0) return false;
    this.#connection.whole(script.join(';\n'));
    this.#isTentative ||= this.#connection.db.inTransaction;
    return true;
  }
}
