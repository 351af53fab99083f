/** The table that is written: 13 columns, rows of about 300 bytes. */
const COLUMNS = `id integer PRIMARY KEY, mrn text NOT NULL UNIQUE, first_name text NOT NULL, last_name text NOT NULL,
  birth_date date NOT NULL, gender text NOT NULL, email text, phone text, address text NOT NULL,
  status text NOT NULL, notes text NOT NULL, visits integer NOT NULL, updated_at timestamp NOT NULL`;

export const TABLE = 'patient';
export const CREATE = `CREATE TABLE ${TABLE} (${COLUMNS})`;

/** The columns that are text, for the ORMs that want to know. */
export const TEXTS = [
  'mrn',
  'first_name',
  'last_name',
  'gender',
  'email',
  'phone',
  'address',
  'status',
  'notes',
] as const;

const NOTE =
  'Seen in the morning clinic; blood pressure taken twice, second reading lower. Review in six weeks.';

/** SQL that fills the table with rows numbered from 1; both databases know the form. */
export function fill(rows: number): string {
  return `INSERT INTO ${TABLE}
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    SELECT i, 'MRN-' || (1000000 + i), 'Given-' || (i % 400), 'Family-' || (i % 900),
      '1970-03-14', 'female', 'patient-' || i || '@clinic.example', '+44 20 7946 ' || (1000 + i % 9000),
      (i % 200) || ' Long Acre, London WC2E 9LH', 'new', '${NOTE}', 0, '2026-01-05 09:30:00' FROM n`;
}
