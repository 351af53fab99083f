import { AuditError } from '../../event/errors.js';
import type { AuditEvent } from '../../event/event.js';
import { document } from '../answer.js';
import type { Call } from '../call.js';
import type { Given } from '../parameters.js';
import { fileName, type Format, type FormatName, formatOf } from './formats.js';
import { Account, rowsOf } from './rows.js';

/** A file that is no larger is read to its end before its first byte leaves, so that all is known of it by then. */
const AHEAD_EVENTS = 1_000;
const AHEAD_CHARACTERS = 1024 ** 2;
const PIECE_CHARACTERS = 64 * 1024;
/** So many of those it is about are named in the event of an export; they are counted all the same. */
const MOST_NAMED = 500;

/** The events that match, as a file. */
export async function exportEvents(call: Call): Promise<Response> {
  const filter = await call.filter();
  const name = (call.text('format') ?? 'csv') as FormatName;
  const file = new ExportFile(call, name, call.api.trail.stream(filter));
  await file.readAhead();
  const eventId = await file.begin();
  const word = filter.subjectId === undefined ? undefined : call.api.settings.word;
  return document(file.stream(), file.type, {
    'Content-Disposition': `attachment; filename="${fileName(name, word, new Date())}"`,
    ...(eventId !== undefined && { 'X-Indelible-Export': eventId }),
    ...file.headers(),
  });
}

/** What was asked for, but for what kind of file it is. */
function askedIn(given: Given): object {
  return Object.fromEntries([...given].filter(([name]) => name !== 'format'));
}

/** One file on its way: what has been read of it and not yet handed over, and what is to be told of it. */
class ExportFile {
  readonly #call: Call;
  readonly #name: FormatName;
  readonly #format: Format;
  readonly #account = new Account();
  readonly #rows: AsyncGenerator<AuditEvent>;
  #ahead: string;
  #eventId: string | undefined;
  #isRead = false;
  #isTold = false;

  constructor(call: Call, name: FormatName, events: AsyncIterable<AuditEvent>) {
    this.#call = call;
    this.#name = name;
    this.#format = formatOf(name, call.api.settings.word);
    this.#ahead = this.#format.head;
    this.#rows = rowsOf(events, this.#account, call.whole('limit') ?? Infinity, () => this.#eventId);
  }

  get type(): string {
    return this.#format.type;
  }

  async readAhead(): Promise<void> {
    while (!this.#isRead && this.#account.events < AHEAD_EVENTS && this.#ahead.length < AHEAD_CHARACTERS)
      this.#ahead += await this.#next();
  }

  /** Recorded before the first byte leaves. Of a small file all is said at once; of a large one the rest when it ends. */
  async begin(): Promise<string | undefined> {
    this.#isTold = this.#isRead;
    this.#eventId = await this.#record({
      format: this.#name,
      filter: askedIn(this.#call.given),
      ...(this.#isRead ? this.#sums() : { events: null, subjects: null }),
    });
    return this.#eventId;
  }

  /** What is known of the file before it has left. */
  headers(): Readonly<Record<string, string>> {
    if (!this.#isRead) return {};
    const { events, subjects, isTruncated } = this.#account;
    return {
      'X-Indelible-Events': String(events),
      'X-Indelible-Subjects': String(subjects),
      'X-Indelible-Truncated': String(isTruncated),
    };
  }

  /** Made as fast as it is read, and no faster. */
  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const { trail } = this.#call.api;
    return new ReadableStream({
      pull: trail.bind(async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        try {
          const piece = await this.#piece();
          if (piece !== '') controller.enqueue(encoder.encode(piece));
          if (this.#isRead) {
            await this.#end(true);
            controller.close();
          }
        } catch (error) {
          this.#call.api.watching.report(
            AuditError.from(error, 'INVALID_OPTIONS', 'An export of the trail was broken off'),
          );
          await this.#end(false);
          controller.error(error);
        }
      }),
      cancel: trail.bind(async () => {
        await this.#rows.return(undefined);
        await this.#end(false);
      }),
    });
  }

  async #piece(): Promise<string> {
    let piece = this.#ahead;
    this.#ahead = '';
    while (!this.#isRead && piece.length < PIECE_CHARACTERS) piece += await this.#next();
    return piece;
  }

  async #next(): Promise<string> {
    const isFirst = this.#account.events === 0;
    const { done, value } = await this.#rows.next();
    if (done !== true) return this.#format.row(this.#call.show(value), isFirst);
    this.#isRead = true;
    return this.#format.tail(this.#account);
  }

  /** What could not be told before the first byte: how many events of how many people left, and whether all did. */
  async #end(isComplete: boolean): Promise<void> {
    if (this.#isTold) return;
    this.#isTold = true;
    await this.#record({ export: this.#eventId, ...this.#sums(), complete: isComplete });
  }

  #sums(): object {
    const { events, subjects, subjectsAreExact, isTruncated } = this.#account;
    return { events, subjects, subjects_are_exact: subjectsAreExact, truncated: isTruncated };
  }

  #record(metadata: Record<string, unknown>): Promise<string | undefined> {
    return this.#call.api.trail.record({
      action: 'AUDIT_EXPORTED',
      source: 'read',
      target: { type: 'AuditEvent' },
      subjects: this.#account.firstSubjects(MOST_NAMED),
      metadata,
    });
  }
}
