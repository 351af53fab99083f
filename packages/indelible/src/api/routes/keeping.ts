import { docs, openApi } from '../handlers/documents.js';
import { integrity, startVerification } from '../handlers/integrity.js';
import { me } from '../handlers/me.js';
import {
  addPolicy,
  changePolicy,
  listHolds,
  listPolicies,
  placeHold,
  previewRetention,
  releaseHold,
  removePolicy,
} from '../handlers/retention.js';
import { DAYS, type Parameter, TENANT } from '../parameters.js';
import type { Route } from '../route.js';
import type { Schema } from '../schema.js';
import * as schemas from '../schemas.js';
import { json } from './json.js';

const TEXT: Schema = { type: 'string' };

/** What is about the trail as a whole, and not about single events. */
export function keepingRoutes(): readonly Route[] {
  return [...evidence(), ...policies(), ...holds(), ...oneOfThese(), ...about()];
}

function evidence(): readonly Route[] {
  return [
    {
      method: 'GET',
      path: 'integrity/',
      summary: 'The newest checkpoint, what waits for one, and the last verification of this server',
      who: 'all',
      attempts: 'READ',
      answer: json(schemas.INTEGRITY),
      handle: integrity,
    },
    {
      method: 'POST',
      path: 'integrity/verify/',
      summary: 'Verify the whole trail in the background; integrity/ tells how far it is',
      who: 'operator',
      attempts: 'READ',
      body: { type: 'object', properties: {}, additionalProperties: false },
      answer: json(schemas.VERIFICATION),
      status: 202,
      handle: startVerification,
    },
  ];
}

const RULES = { who: 'all', attempts: 'LIST' } as const;

function policies(): readonly Route[] {
  return [
    {
      ...RULES,
      method: 'GET',
      path: 'retention/',
      summary: 'How long events are kept',
      answer: json(schemas.POLICIES),
      handle: listPolicies,
    },
    {
      method: 'POST',
      path: 'retention/',
      summary: 'A new policy',
      who: 'all',
      attempts: 'CREATE',
      body: schemas.NEW_POLICY,
      answer: json(schemas.POLICY),
      status: 201,
      handle: addPolicy,
    },
    {
      ...RULES,
      method: 'GET',
      path: 'retention/preview/',
      summary: 'What a clean-up would remove; changes nothing',
      parameters: PREVIEWING,
      answer: json(schemas.PREVIEW),
      handle: previewRetention,
    },
  ];
}

function holds(): readonly Route[] {
  return [
    {
      ...RULES,
      method: 'GET',
      path: 'retention/holds/',
      summary: 'What is kept whatever the policies say',
      answer: json(schemas.HOLDS),
      handle: listHolds,
    },
    {
      method: 'POST',
      path: 'retention/holds/',
      summary: 'A new hold',
      who: 'all',
      attempts: 'CREATE',
      body: schemas.NEW_HOLD,
      answer: json(schemas.HOLD),
      status: 201,
      handle: placeHold,
    },
    {
      method: 'DELETE',
      path: 'retention/holds/{id}/',
      summary: 'Release a hold',
      who: 'all',
      attempts: 'DELETE',
      body: schemas.RELEASE,
      status: 204,
      handle: releaseHold,
    },
  ];
}

/** Behind what is written out, which their paths would fit too. */
function oneOfThese(): readonly Route[] {
  return [
    {
      method: 'PATCH',
      path: 'retention/{id}/',
      summary: 'Change a policy',
      who: 'all',
      attempts: 'UPDATE',
      body: schemas.CHANGED_POLICY,
      answer: json(schemas.POLICY),
      handle: changePolicy,
    },
    {
      method: 'DELETE',
      path: 'retention/{id}/',
      summary: 'Remove a policy',
      who: 'all',
      attempts: 'DELETE',
      status: 204,
      handle: removePolicy,
    },
  ];
}

const PREVIEWING: readonly Parameter[] = [
  { name: 'model', description: 'Only events of this model.', schema: TEXT },
  { name: 'days', description: 'Instead of the days for what no policy matches.', schema: DAYS.schema },
  { name: 'as_of', description: 'What would go at this moment.', schema: { type: 'string', maxLength: 100 } },
  { ...TENANT, description: "Only one tenant's events." },
];

function about(): readonly Route[] {
  return [
    {
      method: 'GET',
      path: 'me/',
      summary: 'Who the caller is, and what they may see',
      who: 'own',
      attempts: 'READ',
      answer: json(schemas.ME),
      handle: me,
    },
    {
      method: 'GET',
      path: 'openapi.json',
      summary: 'This document',
      who: 'anyone',
      attempts: 'READ',
      answer: json({ type: 'object' }),
      isKept: true,
      handle: openApi,
    },
    {
      method: 'GET',
      path: 'docs/',
      summary: 'A page to read this document by, and to try the calls',
      who: 'anyone',
      attempts: 'READ',
      answer: { 'text/html': TEXT },
      handle: docs,
    },
  ];
}
