import type { Change } from '../../capture/row-change.js';
import type { BuiltInAction } from '../../event/actions.js';

/** The action that tells of what was done to a row. */
export const ACTION_OF: Readonly<Record<Change['op'], BuiltInAction>> = {
  INSERT: 'CREATE',
  UPDATE: 'UPDATE',
  DELETE: 'DELETE',
  SNAPSHOT: 'SNAPSHOT',
  STATEMENT: 'STATEMENT',
};
