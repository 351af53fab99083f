import { AuditingAction, AuditingSubscriber } from 'typeorm-auditing';
import { DataSource, EntitySchema } from 'typeorm';

import { givenUp, GivenUp, serve } from '../serve.mjs';

const [url] = process.argv.slice(2);
const TEXTS = ['mrn', 'first_name', 'last_name', 'gender', 'email', 'phone', 'address', 'status', 'notes'];
const COLUMNS = {
  id: { type: 'integer' },
  ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'text', nullable: true }])),
  birth_date: { type: 'date', nullable: true },
  visits: { type: 'integer', nullable: true },
  updated_at: { type: 'timestamp', nullable: true },
};

class Patient {
  id;
}
class AuditingPatient {
  id;
}

const patient = new EntitySchema({
  name: 'Patient',
  target: Patient,
  tableName: 'patient',
  columns: { ...COLUMNS, id: { type: 'integer', primary: true } },
});

// What its decorator makes of an audit entity.
const auditing = new EntitySchema({
  name: 'AuditingPatient',
  target: AuditingPatient,
  tableName: 'auditing_patient',
  columns: {
    _seq: { type: 'integer', primary: true, generated: 'increment' },
    _action: { type: 'enum', enum: AuditingAction },
    _modifiedAt: { type: 'timestamp', createDate: true },
    ...COLUMNS,
    id: { type: 'integer', nullable: true },
  },
});
AuditingSubscriber.Subscribe(Patient, AuditingPatient);

const TABLE = `CREATE TABLE IF NOT EXISTS auditing_patient (_seq serial PRIMARY KEY, _action text,
  "_modifiedAt" timestamp NOT NULL DEFAULT now(), id integer, birth_date date, visits integer,
  updated_at timestamp, ${TEXTS.map((name) => `${name} text`).join(', ')})`;

async function side(subscribers) {
  const options = { type: 'postgres', url, entities: [patient, auditing], subscribers };
  const source = await new DataSource(options).initialize();
  await source.query(TABLE);
  const patients = source.getRepository(Patient);
  let loaded;
  return {
    // An entity must have been loaded for `save`, which is the only call that its subscriber sees whole.
    singles: async (first, count, visits) => {
      loaded ??= await patients.find({ order: { id: 'ASC' } });
      for (const one of loaded.slice(first - 1, first - 1 + count)) {
        one.visits = visits;
        one.status = `visited ${visits}`;
        await patients.save(one);
      }
    },
    bulk: (status) => patients.createQueryBuilder().update().set({ status }).execute(),
    rolledBack: (visits) =>
      givenUp(() =>
        source.transaction(async (manager) => {
          const one = await manager.findOneByOrFail(Patient, { id: 1 });
          one.visits = visits;
          await manager.save(one);
          throw new GivenUp();
        }),
      ),
    close: () => source.destroy(),
  };
}

serve(
  {
    auditTable: 'auditing_patient',
    notes: [
      'Single updates are a `save` of a loaded entity on both sides: the only call whose values its subscriber is given.',
      'An update by the query builder leaves one empty row, without id and values.',
    ],
  },
  { plain: await side([]), audited: await side([AuditingSubscriber]) },
);
