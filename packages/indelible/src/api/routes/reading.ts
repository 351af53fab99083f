import { exportEvents } from '../export/export.js';
import { FORMATS } from '../export/formats.js';
import { listEvents, myActivity, oneEvent, subjectHistory } from '../handlers/events.js';
import { proof } from '../handlers/proof.js';
import { recordHistory, recordState } from '../handlers/records.js';
import { stats, summary } from '../handlers/sums.js';
import {
  DAYS,
  exportParameters,
  listParameters,
  type Parameter,
  tailParameters,
  TENANT,
  ZONE,
} from '../parameters.js';
import type { Route } from '../route.js';
import type { Schema } from '../schema.js';
import * as schemas from '../schemas.js';
import { tail } from '../tail/tail.js';
import { json } from './json.js';

const TEXT: Schema = { type: 'string' };
const SUMS = { who: 'all', attempts: 'READ', isViewing: true } as const;
const SHOWS = {
  method: 'GET',
  who: 'all',
  attempts: 'LIST',
  isViewing: true,
  answer: json(schemas.PAGE),
} as const;

/** What shows events. */
export function readingRoutes(word: string, plural: string): readonly Route[] {
  return [
    ...lists(word),
    ...sums(),
    ...streams(word),
    ...single(),
    ...records(word),
    ...subjects(word, plural),
  ];
}

function lists(word: string): readonly Route[] {
  return [
    {
      ...SHOWS,
      path: 'logs/',
      summary: 'A page of events, newest first',
      parameters: listParameters(word),
      handle: listEvents,
    },
    {
      ...SHOWS,
      path: 'logs/my_activity/',
      summary: 'What the caller did',
      who: 'own',
      parameters: listParameters(word, 'actorId'),
      handle: myActivity,
    },
  ];
}

function sums(): readonly Route[] {
  return [
    {
      ...SUMS,
      method: 'GET',
      path: 'logs/stats/',
      summary: 'How many events there are, and what those of the last 30 days were',
      parameters: [ZONE, TENANT],
      answer: json(schemas.STATS),
      handle: stats,
    },
    {
      ...SUMS,
      method: 'GET',
      path: 'logs/summary/',
      summary: 'The events of some days in sums',
      parameters: [DAYS, ZONE, TENANT],
      answer: json(schemas.SUMMARY),
      handle: summary,
    },
  ];
}

function streams(word: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: 'logs/export/',
      summary: 'The events that match, as a file',
      who: 'all',
      attempts: 'EXPORT',
      parameters: [FORMAT, LIMIT, ...exportParameters(word)],
      answer: { 'text/csv': TEXT, 'application/json': { type: 'object' }, 'application/x-ndjson': TEXT },
      isStream: true,
      isHandedOut: true,
      handle: exportEvents,
    },
    {
      method: 'GET',
      path: 'tail/',
      summary: 'New events as server-sent events',
      who: 'all',
      attempts: 'LIST',
      parameters: tailParameters(word),
      answer: { 'text/event-stream': TEXT },
      isViewing: true,
      isStream: true,
      handle: tail,
    },
  ];
}

/** Behind what is written out, which their paths would fit too. */
function single(): readonly Route[] {
  return [
    {
      method: 'GET',
      path: 'logs/{id}/',
      summary: 'One event',
      who: 'all',
      attempts: 'READ',
      parameters: [TENANT],
      answer: json(schemas.EVENT),
      isViewing: true,
      isKept: true,
      idIs: 'event',
      handle: oneEvent,
    },
    {
      method: 'GET',
      path: 'logs/{id}/proof/',
      summary: 'That an event is in the log, with the signed checkpoint that says so',
      who: 'all',
      attempts: 'READ',
      parameters: [TENANT],
      answer: json(schemas.PROOF),
      isViewing: true,
      isKept: true,
      idIs: 'event',
      handle: proof,
    },
  ];
}

const FORMAT: Parameter = {
  name: 'format',
  description: 'Of what kind the file is; csv by default.',
  schema: { type: 'string', enum: FORMATS, default: 'csv' },
};
const LIMIT: Parameter = {
  name: 'limit',
  description: 'The most events the file may hold; it says so when there were more. None by default.',
  schema: { type: 'integer', minimum: 1, maximum: 1_000_000_000 },
};

function records(word: string): readonly Route[] {
  return [
    {
      ...SHOWS,
      path: 'records/{model}/{id}/history/',
      summary: "A record's life",
      parameters: listParameters(word, 'model', 'objectId'),
      handle: recordHistory,
    },
    {
      method: 'GET',
      path: 'records/{model}/{id}/state/',
      summary: 'How a record stood at a time',
      who: 'all',
      attempts: 'READ',
      parameters: [AT, TENANT],
      answer: json(schemas.STATE),
      isViewing: true,
      handle: recordState,
    },
  ];
}

const AT: Parameter = {
  name: 'at',
  description: 'The moment, such as 2026-03-14T14:03:00Z, or the first of a day; now by default.',
  schema: { type: 'string', maxLength: 100 },
};

function subjects(word: string, plural: string): readonly Route[] {
  return [...new Set(['subjects', plural])].map((name) => ({
    ...SHOWS,
    path: `${name}/{id}/history/`,
    summary: `Everything done to or with one ${word}`,
    parameters: listParameters(word, 'subjectId'),
    idIs: 'subject',
    handle: subjectHistory,
  }));
}
