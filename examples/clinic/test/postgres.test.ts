import { sql } from 'kysely';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { routesOf } from './app-routes.js';
import { places } from './databases.js';
import { openForTests, RunningClinic } from './running-clinic.js';
import { makeSomebody, PASSWORD } from './somebody.js';
import { Walker } from './walker.js';

const servers = places().filter(([name]) => name !== 'SQLite');

describe.each(servers)('the clinic on %s, with its trail in a database of its own', async (_name, make) => {
  const clinic = await openForTests(await make());
  const owner = await clinic.as('owner');

  it('does whatever the owner asks, and tells of it', async () => {
    const walker = await Walker.in(clinic);
    for (const { method, path } of routesOf(clinic.app)) await walker.ask('owner', method, path);
    const visits = await walker.visits();
    const untold = visits.filter(
      ({ route, status, events }) =>
        status >= 300 ||
        (route !== 'GET /api/health' && !events.some(({ action }) => action !== 'API_REQUEST')),
    );
    expect(untold.map(({ route, status }) => `${route} ${status}`)).toEqual([]);
    expect(visits.length).toBeGreaterThan(100);
    expect(clinic.failures).toEqual([]);
  }, 120_000);

  it('knows names that differ in capitals alone as one, and says what is taken', async () => {
    const { username } = await makeSomebody(owner, {});
    expect(await clinic.anybody.signIn(username.toUpperCase(), PASSWORD)).toBeDefined();
    const again = { username: username.toUpperCase(), email: 'other@clinic.example', password: PASSWORD };
    const { status, body } = await owner.post('/api/users/', { ...again, first_name: 'A', last_name: 'B' });
    expect([status, body['errors']]).toEqual([409, [{ field: 'username', message: 'is taken' }]]);
    const [refused] = await clinic.trail('model=User&outcome=failure');
    expect(refused).toMatchObject({ action: 'CREATE', operation: 'User.create', error: { code: '23505' } });
  });

  it('refuses what its columns cannot hold, as the fault of whoever sent it', async () => {
    for (const id of ['2147483647', '2147483648', '9999999999', '99999999999'])
      expect((await owner.get(`/api/services/${id}/`)).status).toBe(404);
    expect((await owner.get('/api/appointments/?patient=2147483648')).status).toBe(400);
    const invoice = { appointment: 2_147_483_648, amount: 100, due_date: '2030-01-01' };
    expect((await owner.post('/api/invoices/', invoice)).status).toBe(400);
    const service = { name: 'A\u0000B', price: 1, minutes: 1 };
    expect((await owner.post('/api/services/', service)).status).toBe(400);
  });

  it('goes on when the server has ended every connection that nobody was using', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => said.mockRestore());
    const { rows } = await sql<{ ended: boolean }>`
      SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()`.execute(
      clinic.clinic.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    await expect.poll(() => said.mock.calls.length).toBeGreaterThan(0);
    await expect.poll(async () => (await owner.get('/api/services/')).status).toBe(200);
    const service = { name: 'Sealing', price: 5_000, minutes: 20 };
    expect((await owner.post('/api/services/', service)).status).toBe(201);
    expect(await clinic.trail('model=Service&search=Sealing&action=CREATE')).toHaveLength(1);
  });

  it('takes what is kept of a patient along with them, each row recorded under their id', async () => {
    const { id } = await makeSomebody(owner, {});
    const care = { patient: id, dentist: Number((await clinic.as('dentist')).id) };
    await owner.post('/api/dental-records/', { ...care, diagnosis: 'Caries', treatment: 'Filling' });
    const items = [{ service: 'Filling', tooth: 36, price: 8_000 }];
    await owner.post('/api/treatment-plans/', { ...care, title: 'One filling', items });
    expect((await owner.delete(`/api/users/${id}/`)).status).toBe(204);
    const gone = await clinic.trail(`patient_id=${id}&action=DELETE`);
    expect(gone.map(({ target }) => String(target?.type)).sort()).toEqual([
      'DentalRecord',
      'TreatmentPlan',
      'TreatmentPlanItem',
      'User',
    ]);
    expect(new Set(gone.map((event) => event['transaction_id'])).size).toBe(1);
  });
});

describe.each(['databaseUrl', 'auditDatabaseUrl'] as const)('with %s alone', (only) => {
  it.each(servers)('the other is a file, and changes are told all the same: %s', async (_name, make) => {
    const { [only]: url } = await make();
    const clinic = await RunningClinic.start(undefined, { [only]: url });
    onTestFinished(() => clinic.stop());
    const owner = await clinic.as('owner');
    const service = { name: 'Whitening', price: 19_000, minutes: 50 };
    expect((await owner.post('/api/services/', service)).status).toBe(201);
    expect(await clinic.trail('model=Service')).toMatchObject([{ action: 'CREATE', after: service }]);
    expect(clinic.failures).toEqual([]);
  });
});
