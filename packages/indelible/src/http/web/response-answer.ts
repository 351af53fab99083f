import { PROBLEM_TYPE, type Problem, problemBody } from '../problem.js';
import type { AnswerHead } from '../request-facts.js';
import { boundedText, isJson, parsedJson } from './bounded-text.js';
import { type Unopened, unopened } from './unopened.js';

/** A longer answer is not read a second time to learn which records it shows. */
const LONGEST = 4 * 1024 * 1024;

/** The head of a Response. */
export class ResponseHead implements AnswerHead {
  readonly #response: Response;

  constructor(response: Response) {
    this.#response = response;
  }

  get status(): number {
    return this.#response.status;
  }

  header(name: string): string | undefined {
    return headersOf(this.#response).get(name) ?? undefined;
  }
}

/**
 * What a Response shows, where it is JSON that lies ready. An answer that is still being made is not waited for: its
 * first byte leaves when it comes.
 */
export async function answerIn(response: Response): Promise<unknown> {
  if (response.status >= 400) return undefined;
  const lying = unopened(response);
  const headers = headersOf(response, lying);
  if (!isJson(headers.get('content-type') ?? '') || headers.has('content-encoding')) return undefined;
  if (Number(headers.get('content-length') ?? 0) > LONGEST) return undefined;
  const text = lying === undefined ? await clonedText(response) : textOf(lying.body);
  return text === undefined ? undefined : parsedJson(text);
}

/** Takes the place of an answer that must not leave; who makes that one is told to stop. */
export function problemInstead(problem: Problem, response?: Response): Response {
  response?.body?.cancel().catch(() => undefined);
  return new Response(problemBody(problem), {
    status: problem.status,
    headers: { 'Content-Type': PROBLEM_TYPE },
  });
}

function headersOf(response: Response, lying: Unopened | undefined = unopened(response)): Headers {
  return lying === undefined ? response.headers : new Headers(lying.headers);
}

function textOf(body: unknown): string | undefined {
  return typeof body === 'string' && body.length <= LONGEST ? body : undefined;
}

async function clonedText(response: Response): Promise<string | undefined> {
  try {
    const { body } = response.clone();
    return body === null ? undefined : await boundedText(body, LONGEST, nextTurn());
  } catch {
    // It has been read already, or its making failed: whoever sends it is told so.
    return undefined;
  }
}

/** By the next turn of the event loop everything has been read that was there from the beginning. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}
