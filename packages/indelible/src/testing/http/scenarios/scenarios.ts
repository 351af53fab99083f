import { ADDRESSES } from './addresses.js';
import { ANSWERS } from './answers.js';
import { ENDINGS } from './endings.js';
import { HOSTILE_TEXTS } from './hostile-texts.js';
import { IDENTITIES } from './identities.js';
import { SETTINGS } from './settings.js';
import { BAD_INPUT } from './bad-input.js';
import { DURABILITY } from './durability.js';
import { IN_PROCESS } from './in-process.js';
import { ROUTE_TABLE } from './route-table.js';
import type { HttpScenario } from '../scenario.js';
import { ACTORS } from './actors.js';
import { CONTEXT } from './context.js';
import { DENIALS } from './denials.js';
import { LISTS } from './lists.js';
import { READS } from './reads.js';
import { REQUESTS } from './requests.js';

export const SCENARIOS: readonly HttpScenario[] = [
  ...ACTORS,
  ...CONTEXT,
  ...READS,
  ...LISTS,
  ...DENIALS,
  ...REQUESTS,
  ...ROUTE_TABLE,
  ...IN_PROCESS,
  ...DURABILITY,
  ...BAD_INPUT,
  ...SETTINGS,
  ...IDENTITIES,
  ...HOSTILE_TEXTS,
  ...ENDINGS,
  ...ANSWERS,
  ...ADDRESSES,
];
