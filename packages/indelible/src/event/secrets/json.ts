import { REDACTED } from './spans.js';

const LONGEST = 65_536;
/** Deeper than anything sensible, and far from what would overflow the stack. */
const DEEPEST = 200;
const PARTS = /["[\]{}:]|\\./g;
const NAMING = ['name', 'key', 'field'] as const;

/** How secrets are told inside a JSON text. */
export interface JsonRules {
  readonly isSecret: (name: string) => boolean;
  /** Applied to each text and name within. */
  readonly mask: (text: string) => string;
}

/** The text of a JSON object or array with its secrets hidden; undefined when the text is something else. */
export function maskJson(text: string, rules: JsonRules): string | undefined {
  if (text.length > LONGEST || !isEnclosed(text.trim())) return undefined;
  const outline = outlineOf(text);
  if (outline.depth > DEEPEST) return undefined;
  try {
    const walk = new Walk(rules);
    const masked = walk.take(JSON.parse(text));
    // A name given twice hides its first value from the parser, not from a reader.
    return walk.changed || walk.members !== outline.members ? JSON.stringify(masked) : text;
  } catch {
    // Not JSON after all: it is masked as any other text.
    return undefined;
  }
}

class Walk {
  readonly #rules: JsonRules;
  changed = false;
  members = 0;

  constructor(rules: JsonRules) {
    this.#rules = rules;
  }

  take(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return this.#number(value);
    if (Array.isArray(value)) return value.map((item) => this.take(item));
    return isRecord(value) ? this.#record(value) : value;
  }

  #record(record: Readonly<Record<string, unknown>>): unknown {
    const names = Object.keys(record);
    this.members += names.length;
    const hides = this.#namesSecret(record);
    return Object.fromEntries(
      names.map((name) => [this.#text(name), this.#member(name, record[name], hides)]),
    );
  }

  #member(name: string, value: unknown, hides: boolean): unknown {
    if (value === null || !(this.#rules.isSecret(name) || (hides && name === 'value')))
      return this.take(value);
    this.changed ||= value !== REDACTED;
    return REDACTED;
  }

  /** `{ "name": "password", "value": "x" }` */
  #namesSecret(record: Readonly<Record<string, unknown>>): boolean {
    if (!('value' in record)) return false;
    return NAMING.some((key) => typeof record[key] === 'string' && this.#rules.isSecret(record[key]));
  }

  #text(text: string): string {
    const masked = this.#rules.mask(text);
    this.changed ||= masked !== text;
    return masked;
  }

  /** Only a card number makes a number secret. */
  #number(value: number): unknown {
    const text = String(value);
    return text.length < 13 || this.#text(text) === text ? value : REDACTED;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isEnclosed(text: string): boolean {
  return (text.startsWith('{') && text.endsWith('}')) || (text.startsWith('[') && text.endsWith(']'));
}

/** How deep a JSON text nests and how many members its objects have, duplicates included. */
function outlineOf(text: string): { readonly depth: number; readonly members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let quoted = false;
  for (const [part] of text.matchAll(PARTS)) {
    if (part === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (part === ':') members++;
    else if (part === '{' || part === '[') deepest = Math.max(deepest, ++depth);
    else depth--;
  }
  return { depth: deepest, members };
}
