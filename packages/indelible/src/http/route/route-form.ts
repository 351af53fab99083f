import type { Piece } from './route-syntax.js';

type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | Parameter
  /** Several parameters in one segment, which cannot be told apart with certainty. */
  | { readonly kind: 'opaque' }
  | { readonly kind: 'rest' };

/** A parameter, with the text that stands around it in its segment. */
interface Parameter {
  readonly kind: 'parameter';
  readonly before: string;
  readonly after: string;
  /** The segment as the pattern writes it. */
  readonly source: string;
}

/** A pattern of more forms is laid against no path. */
const FORMS = 16;

/** A pattern with each of its optional parts either there or not, to be laid against a path. */
export class RouteForm {
  readonly segments: readonly Segment[];
  readonly #firstRest: number;
  readonly #lastRest: number;

  constructor(segments: readonly Segment[]) {
    this.segments = segments;
    this.#firstRest = segments.findIndex(isRest);
    this.#lastRest = segments.findLastIndex(isRest);
  }

  get hasRest(): boolean {
    return this.#firstRest !== -1;
  }

  fits(parts: readonly string[]): boolean {
    const { segments } = this;
    if (!this.hasRest) return parts.length === segments.length && this.#agrees(parts, 0, segments.length, 0);
    const shift = parts.length - segments.length;
    const fixed = this.#firstRest + segments.length - 1 - this.#lastRest;
    return (
      parts.length >= fixed &&
      this.#agrees(parts, 0, this.#firstRest, 0) &&
      this.#agrees(parts, this.#lastRest + 1, segments.length, shift)
    );
  }

  /** What a path that fits has at a parameter; undefined where that is uncertain. */
  valueAt(index: number, parts: readonly string[]): string | undefined {
    const segment = this.segments[index];
    if (segment?.kind !== 'parameter') return undefined;
    const isBetweenRests = this.hasRest && index > this.#firstRest && index < this.#lastRest;
    const shift = this.hasRest && index > this.#lastRest ? parts.length - this.segments.length : 0;
    const part = parts[index + shift];
    // Where a pattern holds a piece of the path itself, what looks like a parameter there is none.
    if (isBetweenRests || part === undefined || part === segment.source) return undefined;
    return valueOf(decoded(part), segment);
  }

  #agrees(parts: readonly string[], start: number, end: number, shift: number): boolean {
    for (let i = start; i < end; i += 1) {
      const segment = this.segments[i];
      if (segment?.kind === 'static' && !isText(parts[i + shift] ?? '', segment.text)) return false;
    }
    return true;
  }
}

/** Every form of a pattern; the first is the one without any of its optional parts. */
export function formsOf(pieces: readonly Piece[]): readonly RouteForm[] {
  const forms = expanded(pieces);
  if (forms !== undefined) return forms.map((form) => new RouteForm(segmentsOf(form)));
  const least = segmentsOf(pieces.filter((piece) => piece.kind !== 'optional'));
  return [new RouteForm(least.map(asUncertain))];
}

/** The segments of a path. Slashes at its end or next to each other make none. */
export function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}

/** A part of a path as it was meant; as it stands when its percent signs mean nothing. */
export function decoded(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

type Plain = Exclude<Piece, { readonly kind: 'optional' }>;

function expanded(pieces: readonly Piece[]): readonly Plain[][] | undefined {
  let forms: Plain[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'optional') {
      for (const form of forms) form.push(piece);
      continue;
    }
    const added = expanded(piece.pieces);
    if (added === undefined || forms.length * (added.length + 1) > FORMS) return undefined;
    forms = [[], ...added].flatMap((more) => forms.map((form) => [...form, ...more]));
  }
  return forms;
}

function segmentsOf(pieces: readonly Plain[]): Segment[] {
  const segments: Segment[] = [];
  let held: Plain[] = [];
  for (const piece of [...pieces, { kind: 'slash' } as const]) {
    if (piece.kind !== 'slash') held.push(piece);
    else if (held.length > 0) {
      segments.push(segmentOf(held));
      held = [];
    }
  }
  return segments;
}

function segmentOf(pieces: readonly Plain[]): Segment {
  if (pieces.some(({ kind }) => kind === 'rest')) return { kind: 'rest' };
  const at = pieces.findIndex(({ kind }) => kind === 'parameter');
  if (at === -1) return { kind: 'static', text: decoded(textOf(pieces)) };
  const [before, after] = [pieces.slice(0, at), pieces.slice(at + 1)];
  if (after.some(({ kind }) => kind === 'parameter')) return { kind: 'opaque' };
  return { kind: 'parameter', before: textOf(before), after: textOf(after), source: sourceOf(pieces) };
}

function sourceOf(pieces: readonly Plain[]): string {
  return pieces.map((piece) => (piece.kind === 'parameter' ? piece.source : textOf([piece]))).join('');
}

function textOf(pieces: readonly Plain[]): string {
  return pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
}

function asUncertain(segment: Segment): Segment {
  return segment.kind === 'parameter' ? { kind: 'opaque' } : segment;
}

function isRest({ kind }: Segment): boolean {
  return kind === 'rest';
}

/** Most frameworks match without regard to case, and some what a percent sign stands for. */
function isText(part: string, text: string): boolean {
  return part === text || decoded(part).toLowerCase() === text.toLowerCase();
}

function valueOf(part: string, { before, after }: Parameter): string | undefined {
  if (before === '' && after === '') return part;
  const end = part.length - after.length;
  const isAround =
    end > before.length && isText(part.slice(0, before.length), before) && isText(part.slice(end), after);
  if (isAround) return part.slice(before.length, end);
  // Hono takes `:user-id` for one name, where others see a parameter and a text after it.
  return before === '' ? part : undefined;
}
