import type { Capturing } from '../capturing.js';
import type { TableRules } from '../tables.js';
import type { Catalogue, Table } from './catalogue/catalogue.js';
import { RowText } from './images/row-text.js';
import type { Passed, Plan, Rewritten, Told } from './plan.js';
import { followers } from './rewrite/carried.js';
import { modelsReached } from './rewrite/cascade.js';
import { PlanCache } from './rewrite/plan-cache.js';
import { rewrite } from './rewrite/rewrite.js';
import { readStatement } from './scan/read-statement.js';
import type { Statement, TableReference, Unsupported, Write } from './statement.js';

export interface PlannerOptions {
  /** Reads a statement's text. */
  readonly read?: ((text: string) => Statement) | undefined;
  /** How many characters of statements may be remembered with their plans. */
  readonly cacheSize?: number | undefined;
}

const CACHE_SIZE = 4_000_000;
const PASSED: Passed = { kind: 'passed', definesTables: false };
const DEFINES: Passed = { kind: 'passed', definesTables: true };

/** A table of which nothing is captured. */
const NOTHING: Omit<TableRules, 'model'> = {
  isExcluded: () => true,
  isHidden: () => false,
  isIgnored: () => true,
  subject: undefined,
  tenant: undefined,
  kept: [],
};

/** Decides for every statement how it is sent, without waiting for anything. */
export class Planner {
  readonly #catalogue: Catalogue;
  readonly #capturing: Capturing;
  readonly #options: PlannerOptions;
  readonly #schemas: readonly string[];
  readonly #plans: PlanCache;

  constructor(
    catalogue: Catalogue,
    capturing: Capturing,
    options: PlannerOptions = {},
    schemas: readonly string[] = catalogue.schemas,
  ) {
    this.#catalogue = catalogue;
    this.#capturing = capturing;
    this.#options = options;
    this.#schemas = schemas;
    this.#plans = new PlanCache(options.cacheSize ?? CACHE_SIZE);
  }

  /** The same with other schemas to look for tables in. */
  withSearchPath(schemas: readonly string[]): Planner {
    return new Planner(this.#catalogue, this.#capturing, this.#options, schemas);
  }

  plan(text: string): Plan {
    const known = this.#plans.get(text);
    if (known) return known;
    const plan = this.#make(text);
    this.#plans.set(text, plan);
    return plan;
  }

  #make(text: string): Plan {
    const statement = (this.#options.read ?? readStatement)(text);
    switch (statement.kind) {
      case 'definition':
        return DEFINES;
      case 'other':
      case 'search-path':
        return PASSED;
      case 'unsupported':
        return this.#unsupported(statement);
      case 'write':
        return this.#write(text, statement);
    }
  }

  /** Nothing is told of a statement that seems to write only what is not captured. */
  #unsupported({ verb, tables, reason }: Unsupported): Plan {
    const models = tables.flatMap((table) => this.#rulesOf(table)?.model ?? []);
    if (tables.length > 0 && models.length === 0) return verb === 'MULTIPLE' ? DEFINES : PASSED;
    return { kind: 'told', verb, tables, models: [...new Set(models)], reason };
  }

  #write(text: string, write: Write): Plan {
    const table = this.#catalogue.find(write.table, this.#schemas);
    const rules = this.#rulesOf(write.table);
    if (table?.kind === 'temporary') return PASSED;
    if (!rules) return table ? this.#untracked(text, write, table) : PASSED;
    if (!table)
      return this.#told(
        write,
        rules,
        `the table ${write.table.name} was not there when the tables were read`,
      );
    const plan = this.#rewrite(text, write, table, rules, true);
    return typeof plan === 'string' ? this.#told(write, rules, plan) : plan;
  }

  /** A row that is not captured may take captured ones with it. */
  #untracked(text: string, write: Write, table: Table): Plan {
    const models = this.#reached(write, table);
    if (models.length === 0) return PASSED;
    const rules = { ...NOTHING, model: table.root.name };
    const plan = this.#rewrite(text, write, table, rules, false);
    if (typeof plan !== 'string') return plan;
    return { kind: 'told', verb: write.verb, tables: [write.table], models, reason: plan };
  }

  #rewrite(
    text: string,
    write: Write,
    table: Table,
    rules: TableRules,
    isCaptured: boolean,
  ): Rewritten | string {
    const models = [...(isCaptured ? [rules.model] : []), ...this.#reached(write, table)];
    const failsClosed = models.some((model) => this.#capturing.failsClosed(write.verb, model));
    const rowOf = (other: Table): RowText | undefined => this.#rowOf(other);
    const row = new RowText(table, rules, (message) => this.#capturing.warn(message));
    return rewrite({ text, write, catalogue: this.#catalogue, table, row, rowOf, isCaptured, failsClosed });
  }

  /** The models whose rows go with those of the table. */
  #reached({ verb, assigned }: Write, table: Table): string[] {
    const rowOf = (other: Table): RowText | undefined => this.#rowOf(other);
    if (verb === 'DELETE') return [...new Set(modelsReached(table, rowOf))];
    return followers(table, assigned, rowOf).flatMap(({ from }) => rowOf(from)?.model ?? []);
  }

  #rowOf({ root }: Table): RowText | undefined {
    const rules = this.#capturing.tables.rulesOf({ schema: root.schema, name: root.name });
    return rules && new RowText(root, rules, (message) => this.#capturing.warn(message));
  }

  #told({ verb, table }: Write, { model }: TableRules, reason: string): Told {
    return { kind: 'told', verb, tables: [table], models: [model], reason };
  }

  /** A partition's rows belong to the table it is a part of. */
  #rulesOf(reference: TableReference): TableRules | undefined {
    const table: Table | undefined = this.#catalogue.find(reference, this.#schemas)?.root;
    return this.#capturing.tables.rulesOf(table ? { schema: table.schema, name: table.name } : reference);
  }
}
