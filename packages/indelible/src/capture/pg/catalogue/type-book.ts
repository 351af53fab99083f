import type { ColumnType } from './catalogue.js';

export type TypeRow = [
  oid: number,
  builtIn: string | null,
  kind: string,
  element: number,
  category: string,
  base: number,
];

const UNKNOWN: ColumnType = { name: undefined, element: undefined, isEnum: false };

/** The types of a database, by their numbers. */
export class TypeBook {
  readonly #rows: ReadonlyMap<number, TypeRow>;
  readonly #types = new Map<number, ColumnType>();

  constructor(rows: readonly TypeRow[]) {
    this.#rows = new Map(rows.map((row) => [row[0], row]));
  }

  find(oid: number): ColumnType {
    const known = this.#types.get(oid);
    if (known) return known;
    const type = this.#make(oid);
    this.#types.set(oid, type);
    return type;
  }

  #make(oid: number): ColumnType {
    const row = this.#rows.get(oid);
    if (!row) return UNKNOWN;
    const [, builtIn, kind, element, category, base] = row;
    if (kind === 'd') return this.find(base);
    return {
      name: kind === 'c' ? undefined : (builtIn ?? undefined),
      element: category === 'A' && element !== 0 ? this.find(element) : undefined,
      isEnum: kind === 'e',
    };
  }
}
