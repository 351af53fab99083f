import { describe, expect, it } from 'vitest';

import { openTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { type AuditError, createAudit } from '../../index.js';
import { SigningKey } from '../../integrity/note-key.js';

const KEY = SigningKey.create('example.com/audit');
const READ = { action: 'READ', target: { type: 'Patient', id: '42' } } as const;

describe.each(postgresServers())('a trail on $name', (server) => {
  it.each([
    ['may write and seal', 'GRANT indelible_writer, indelible_sealer TO $role', 4, []],
    [
      'may only write, and says once that it cannot seal',
      'GRANT indelible_writer TO $role',
      0,
      [expect.stringMatching(/cannot be sealed.*set seal: false.*permission denied/)],
    ],
  ])('as a role that %s', async (_name, grants, leaves, said) => {
    const trail = await openTrail(server, { roles: true });
    const errors: AuditError[] = [];
    const audit = createAudit({
      store: await trail.storeAs(grants),
      spool: false,
      seal: { key: KEY, everyMs: 10 },
      log: () => undefined,
      onError: (error) => errors.push(error),
    });
    await audit.ready();
    await audit.record(READ);
    await audit.close();
    const { rows } = await trail.client.query(
      'SELECT count(*)::int AS events, (SELECT coalesce(sum(size), 0)::int FROM indelible_seal) AS leaves FROM indelible_event',
    );
    expect(rows).toEqual([{ events: Math.max(leaves, 3), leaves }]);
    expect(errors.map(({ message }) => message)).toEqual(said);
    await trail.close();
  });
});
