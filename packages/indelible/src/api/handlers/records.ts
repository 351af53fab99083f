import type { LogPage, RecordStateAnswer } from '../answers.js';
import type { Call } from '../call.js';
import { Refusal } from '../refusal.js';

/** A record's life. */
export async function recordHistory(call: Call): Promise<LogPage> {
  const model = call.segment('model');
  await call.checkModel(model, 'model');
  const record = { type: model, id: call.segment('id') };
  return call.page(await call.api.trail.history(record, await call.filter()));
}

/** How a record stood. */
export async function recordState(call: Call): Promise<RecordStateAnswer> {
  const [model, id] = [call.segment('model'), call.segment('id')];
  await call.checkModel(model, 'model');
  const { settings, trail } = call.api;
  if (!settings.reveals(call.viewer, model))
    throw new Refusal(403, `You may not see what the records of ${model} hold.`, { code: 'FORBIDDEN' });
  const at = call.text('at') ?? new Date().toISOString();
  const { tenantId } = call;
  const state = await trail.stateAt({ type: model, id }, at, { tenantId });
  return {
    model,
    id,
    at,
    exists: state.exists,
    fields: state.fields,
    is_complete: state.isComplete,
    last_event_id: state.lastEventId,
  };
}
