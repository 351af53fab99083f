import type { LogPage } from '../answers.js';
import type { Call } from '../call.js';
import type { WireEvent } from '../wire.js';

export async function listEvents(call: Call): Promise<LogPage> {
  return call.page(await call.api.trail.find(await call.filter()));
}

/** One event, with its place in the log once it has one. */
export async function oneEvent(call: Call): Promise<WireEvent> {
  const { store } = call.api.serving;
  const event = await call.event();
  const index = await store.indexOf(event.id);
  const [leaf] = index === undefined ? [] : await store.leaves(index, 1);
  const place = leaf && { leaf_index: leaf.index, leaf_hash: Buffer.from(leaf.hash).toString('hex') };
  return { ...call.show(event), ...place };
}

/** What the caller did. */
export async function myActivity(call: Call): Promise<LogPage> {
  return call.page(await call.api.trail.activity(call.viewer.id, await call.filter()));
}

/** Everything done to or with one person that records are about. */
export async function subjectHistory(call: Call): Promise<LogPage> {
  return call.page(await call.api.trail.subject(call.segment('id'), await call.filter()));
}
