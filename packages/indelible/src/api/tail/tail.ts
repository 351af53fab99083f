import { AuditError } from '../../event/errors.js';
import type { AuditEvent } from '../../event/event.js';
import { document } from '../answer.js';
import type { Call } from '../call.js';
import { follow, PACE } from './follow.js';

/** New events as server-sent events, under the same filters as a list. */
export async function tail(call: Call): Promise<Response> {
  const { listeners, trail } = call.api;
  const filter = await call.filter();
  const leave = listeners.enter();
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, call.request.signal]);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const events = follow({
    read: (since) => trail.stream({ ...filter, ...since }),
    after: call.request.headers.get('last-event-id') ?? undefined,
    signal,
    pace: PACE,
  });
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode('retry: 3000\n\n')),
    pull: trail.bind(async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      try {
        const { done, value } = await events.next();
        if (done !== true) return controller.enqueue(encoder.encode(messageOf(call, value)));
        controller.close();
      } catch (error) {
        call.api.watching.report(
          AuditError.from(error, 'INVALID_OPTIONS', 'Whoever followed the trail was let go'),
        );
        controller.error(error);
      }
      gone.abort();
    }),
    cancel: () => gone.abort(),
  });
  return document(body, 'text/event-stream; charset=utf-8', { 'X-Accel-Buffering': 'no' });
}

function messageOf(call: Call, event: AuditEvent | undefined): string {
  if (event === undefined) return ': still here\n\n';
  return `id: ${event.id}\nevent: log\ndata: ${JSON.stringify(call.show(event))}\n\n`;
}
