import { readMember } from './foreign.js';

/** Members that may name a field, as form fields, headers, JSON patches and validation errors do ... */
const NAMING = ['name', 'key', 'field', 'path', 'param', 'property', 'column'] as const;
/** ... and those that then hold its value. */
export const VALUES: ReadonlySet<string> = new Set([
  'value',
  'values',
  'old',
  'new',
  'before',
  'after',
  'oldValue',
  'newValue',
]);

/** True when one of its members names a field that `isMeant`. */
export function namesField(value: object, isMeant: (name: string) => boolean): boolean {
  return NAMING.some((key) => {
    const name = readMember(value, key);
    return typeof name === 'string' && isMeant(name);
  });
}
