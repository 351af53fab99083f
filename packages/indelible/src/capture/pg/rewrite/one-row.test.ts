import { describe, expect, it } from 'vitest';

import type { Table } from '../catalogue/catalogue.js';
import { readStatement } from '../scan/read-statement.js';
import type { Job } from './job.js';
import { namesOneRow } from './one-row.js';

function oneRow(condition: string, key: readonly string[]): boolean {
  const text = `UPDATE t SET a = 1 WHERE ${condition}`;
  const write = readStatement(text);
  const table: Partial<Table> = { key };
  return write.kind === 'write' && namesOneRow({ text, write, table } as Job);
}

describe('a condition', () => {
  it.each([
    ['id = $1', ['id']],
    ['ID = 5', ['id']],
    ['("public"."User"."id" = $1 AND 1=1)', ['id']],
    [`("public"."t"."id" = $1) AND (t."clinic" = 'a or b')`, ['id', 'clinic']],
    [`"a""b" = '1' AND version = $2`, ['a"b']],
    ['((a = 1 AND id = 2) AND b > 3)', ['id']],
    ['id = $1 AND deleted_at IS NULL', ['id']],
  ])('names one row: %s', (condition, key) => {
    expect(oneRow(condition, key)).toBe(true);
  });

  it.each([
    ['a = $1', ['id']],
    ['id = $1', ['id', 'clinic']],
    ['id = $1 OR id = $2', ['id']],
    ['NOT id = $1', ['id']],
    [`a = ' and id = 1 and '`, ['id']],
    ['a = 1 -- and id = 1', ['id']],
    ['a = $$ and id = 1 and $$', ['id']],
    ['id = $1 IS NOT TRUE', ['id']],
    ['id = a', ['id']],
    ['id = $1 + a', ['id']],
    ['Id = $1', ['Id']],
    ['id IN (1, 2)', ['id']],
    ['CASE WHEN a AND id = 1 AND b THEN true END', ['id']],
    ['id = ANY($1)', ['id']],
    ['EXISTS (SELECT 1 FROM x WHERE a = 1 AND id = 5)', ['id']],
    ['(id = 5 AND a) = false', ['id']],
    ['false = (id = 5 AND a)', ['id']],
    ['bool(a AND id = 1)', ['id']],
    ['lower(id) = $1', ['id']],
    ['"broken', ['id']],
  ])('may name several: %s', (condition, key) => {
    expect(oneRow(condition, key)).toBe(false);
  });
});
