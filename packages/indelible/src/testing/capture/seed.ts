import type { AppointmentRow } from './clinic-rows.js';
import type { ClinicDatabase } from './clinic-orm.js';
import type { ClinicQuery } from './clinic-set-up.js';
import { CLINIC_TABLES, quoted } from './clinic-tables.js';
import { forgetTruth } from './truth.js';

/**
 * The ids of the rows every scenario begins with. The first three appointments are Ada's, booked, at location
 * 1, and the first of them is tagged and billed; the fourth is Ben's, and done.
 */
export const IDS = {
  ada: '00000000-0000-4000-8000-000000000001',
  ben: '00000000-0000-4000-8000-000000000002',
  cleo: '00000000-0000-4000-8000-000000000003',
  first: '00000000-0000-4000-8000-000000000011',
  second: '00000000-0000-4000-8000-000000000012',
  third: '00000000-0000-4000-8000-000000000013',
  fourth: '00000000-0000-4000-8000-000000000014',
  record: '00000000-0000-4000-8000-000000000021',
  plan: '00000000-0000-4000-8000-000000000031',
  document: '00000000-0000-4000-8000-000000000041',
} as const;

/** The id of a row that a scenario makes. */
export function fresh(n: number): string {
  return `00000000-0000-4000-8000-${String(1_000 + n).padStart(12, '0')}`;
}

const MINUTE = '2026-03-14 09:30:00.000';

function inserts(): [string, string][] {
  const { ada, ben, cleo, first, second, third, fourth, record, plan, document } = IDS;
  const user = (id: string, name: string): string =>
    `('${id}', '${name}@clinic.example', 'argon2-${name}', '${name}', '${MINUTE}', '${MINUTE}')`;
  const booked = (id: string, who: string, place: number, status: string): string =>
    `('${id}', '${who}', ${place}, 1, '${status}', 120.50, '${MINUTE}', '2026-03-14', '{"b": 1, "a": [1.5, null]}',
      9007199254740993, 0.1, 'seeded', '${MINUTE}', '${MINUTE}')`;
  const links = `('${first}', 1), ('${first}', 2), ('${second}', 1)`;
  return [
    ['user', [user(ada, 'ada'), user(ben, 'ben'), user(cleo, 'cleo')].join(', ')],
    ['location', `(1, 'North', 'Europe/Berlin'), (2, 'South', 'America/Lima')`],
    ['service', `(1, 1, 'Check-up', 80.00), (2, 1, 'Filling', 145.90), (3, 2, 'Crown', 900.10)`],
    [
      'appointment',
      [
        booked(first, ada, 1, 'booked'),
        booked(second, ada, 1, 'booked'),
        booked(third, ada, 1, 'booked'),
        booked(fourth, ben, 2, 'done'),
      ].join(', '),
    ],
    ['dental_record', `('${record}', '${ada}', 36, 'caries', '2026-03-14')`],
    ['treatment_plan', `('${plan}', '${ada}', 'Crown in two visits')`],
    [
      'treatment_plan_item',
      `('${plan}', 1, 2, 'Prepare', 145.90), ('${plan}', 2, 3, 'Fit', 900.10), ('${plan}', 3, NULL, 'Review', 0)`,
    ],
    ['intake_form', `(1, '${ada}', '{"allergies": ["penicillin"], "smoker": false}')`],
    ['document', `('${document}', '${ada}', 'x-ray', #BLOB, 'a bite wing')`],
    ['billing', `(1, '${ada}', 120.50, 3), (2, '${ben}', 0, 1)`],
    [
      'invoice',
      `(1, '${first}', 'R-1', 120.50), (2, '${first}', 'R-2', 0.10), (3, NULL, 'R-3', 99999999.99)`,
    ],
    ['payment', `(1, 1, 20.50, '${MINUTE}'), (2, 1, 100, '${MINUTE}')`],
    ['tag', `(1, 'urgent', 'red'), (2, 'recall', 'blue'), (3, 'child', 'green')`],
    ['appointment_tag', links],
    ['_AppointmentToTag', links],
    ['visit_log', `('${ada}', 'came early', '${MINUTE}'), ('${ada}', 'came early', '${MINUTE}')`],
  ];
}

/** Empties the tables and puts back the rows every scenario begins with; the truth forgets all of it. */
export async function seed(database: ClinicDatabase, query: ClinicQuery): Promise<void> {
  const tables = Object.keys(CLINIC_TABLES).map(quoted);
  const blob = database === 'postgres' ? "'\\x00ff10'" : "x'00ff10'";
  if (database === 'postgres') await query(`TRUNCATE ${tables.join(', ')} RESTART IDENTITY CASCADE`);
  else for (const table of tables.toReversed()) await query(`DELETE FROM ${table}`);
  if (database === 'sqlite') await query('DELETE FROM sqlite_sequence');
  for (const [table, rows] of inserts())
    await query(`INSERT INTO ${quoted(table)} VALUES ${rows.replace('#BLOB', blob)}`);
  if (database === 'postgres') await advanceIdentities(query);
  await forgetTruth(query);
}

/** The rows of the seed name their ids, which leaves the sequences where they were. */
async function advanceIdentities(query: ClinicQuery): Promise<void> {
  for (const [table, { key, columns }] of Object.entries(CLINIC_TABLES)) {
    const [column = ''] = key;
    if (key.length === 1 && columns[column] === 'number')
      await query(`SELECT setval(pg_get_serial_sequence('${table}', '${column}'), 100)`);
  }
}

/** An appointment that a scenario makes. */
export function appointment(n: number, given: Partial<AppointmentRow> = {}): AppointmentRow {
  return {
    id: fresh(n),
    userId: IDS.ada,
    locationId: 1,
    serviceId: 2,
    status: 'new',
    price: '75.25',
    startsAt: new Date('2026-04-01T08:00:00.250Z'),
    day: '2026-04-01',
    preferences: { room: n, aisle: [true, null, 'süß'] },
    units: 9_007_199_254_740_993n,
    score: 0.25,
    notes: null,
    ...given,
  };
}
