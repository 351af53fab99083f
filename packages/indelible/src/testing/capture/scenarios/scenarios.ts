import type { Scenario } from '../scenario.js';
import { BULK } from './bulk.js';
import { KEYS } from './keys.js';
import { RAW } from './raw.js';
import { RELATIONS } from './relations.js';
import { SINGLE } from './single.js';
import { FAILURES, READS, TRANSACTIONS } from './transactions.js';
import { VALUES } from './values.js';

export const SCENARIOS: readonly Scenario[] = [
  ...SINGLE,
  ...BULK,
  ...RELATIONS,
  ...KEYS,
  ...VALUES,
  ...RAW,
  ...TRANSACTIONS,
  ...FAILURES,
  ...READS,
];
