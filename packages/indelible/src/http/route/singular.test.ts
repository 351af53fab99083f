import { describe, expect, it } from 'vitest';

import { singularOf } from './singular.js';

const WORDS: Record<string, string> = {
  users: 'user',
  invoices: 'invoice',
  services: 'service',
  practices: 'practice',
  notes: 'note',
  settings: 'setting',
  clinics: 'clinic',
  metrics: 'metric',
  photos: 'photo',
  videos: 'video',
  quotas: 'quota',
  days: 'day',
  surveys: 'survey',
  cases: 'case',
  databases: 'database',
  purchases: 'purchase',
  diseases: 'disease',
  exercises: 'exercise',
  doses: 'dose',
  houses: 'house',
  clauses: 'clause',
  nurses: 'nurse',
  sizes: 'size',
  archives: 'archive',
  leaves: 'leave',
  valves: 'valve',
  categories: 'category',
  biopsies: 'biopsy',
  cookies: 'cookie',
  ties: 'tie',
  addresses: 'address',
  classes: 'class',
  statuses: 'status',
  viruses: 'virus',
  buses: 'bus',
  uses: 'use',
  excuses: 'excuse',
  boxes: 'box',
  faxes: 'fax',
  branches: 'branch',
  caches: 'cache',
  toothaches: 'toothache',
  dishes: 'dish',
  quizzes: 'quiz',
  heroes: 'hero',
  shoes: 'shoe',
  aliases: 'alias',
  lenses: 'lens',
  menus: 'menu',
  skus: 'sku',
  apis: 'api',
  taxis: 'taxi',
  people: 'person',
  salespeople: 'salesperson',
  children: 'child',
  women: 'woman',
  specimens: 'specimen',
  teeth: 'tooth',
  criteria: 'criterion',
  indices: 'index',
  matrices: 'matrix',
  analyses: 'analysis',
  diagnoses: 'diagnosis',
  prostheses: 'prosthesis',
  axes: 'axis',
  shelves: 'shelf',
  lives: 'life',
};

const UNCHANGED = [
  'staff',
  'equipment',
  'data',
  'user',
  'address',
  'status',
  'analysis',
  'progress',
  'series',
  'caries',
  'news',
  'canvas',
  'alias',
  'lens',
  'analytics',
  'orthodontics',
  'statistics',
  'sms',
  'os',
  's',
  '',
];

describe('the singular of a word', () => {
  it.each(Object.entries(WORDS))('of %s is %s, and is its own', (plural, singular) => {
    expect(singularOf(plural)).toBe(singular);
    expect(singularOf(singular)).toBe(singular);
  });

  it.each(UNCHANGED)('of %j is the word itself', (word) => {
    expect(singularOf(word)).toBe(word);
  });

  it('keeps the case', () => {
    expect(singularOf('Statuses')).toBe('Status');
    expect(singularOf('USERS')).toBe('USER');
  });
});
