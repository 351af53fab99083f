import { describe, expect, it } from 'vitest';

import { completedBy } from './told-by.js';

const route = { action: 'DOWNLOAD', target: { type: 'Document', id: '7' } } as const;
const read = {
  action: 'DOWNLOAD',
  target: { type: 'Document', id: '7', label: 'X-ray of Ada Abel' },
  subjectId: '42',
  subjectLabel: 'Ada Abel',
} as const;

describe('what a route shows, with what was learnt on the way', () => {
  it('is called what whoever read it calls it, and is about whom they say', () => {
    expect(completedBy(route, [read])).toMatchObject(read);
  });

  it('keeps its own names, and takes none of another record or person', () => {
    const own = { ...route, target: { ...route.target, label: 'scan.png' }, subjectId: '43' };
    const completed = completedBy(own, [read]);
    expect(completed.target).toEqual(own.target);
    expect([completed.subjectId, completed.subjectLabel]).toEqual(['43', undefined]);
    const other = { ...read, target: { ...read.target, id: '8' } };
    expect(completedBy(route, [other]).target).toEqual(route.target);
  });
});
