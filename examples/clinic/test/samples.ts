/** What tests make a record of, by the last part of its path: for one patient, treated by one dentist. */
export interface Care {
  readonly patient: number;
  readonly dentist: number;
}

/** Makes what another record refers to. */
export interface Making {
  appointment(): Promise<number>;
  sentInvoice(): Promise<number>;
  practitioner(): Promise<number>;
}

type Sample = (care: Care, make: Making) => object | Promise<object>;

let made = 0;

/** A new record of each collection. */
export const NEW: Readonly<Record<string, Sample>> = {
  users: () => person(),
  locations: () => ({ name: 'Clinic of Somewhere', address: '3 Imaginary Lane', timezone: 'Europe/Vienna' }),
  services: () => ({ name: 'Whitening', price: 19_000, minutes: 50 }),
  appointments: (care) => ({ ...care, date: '2030-05-06', time: '09:30', type: 'Check-up' }),
  'dental-records': (care) => ({ ...care, diagnosis: 'Caries', treatment: 'Filling' }),
  'treatment-plans': (care) => ({ ...care, title: 'A plan', items: [{ service: 'Filling', price: 8_000 }] }),
  'intake-forms': ({ patient }) => ({ patient, allergies: 'Latex' }),
  'progress-notes': ({ patient }) => ({ patient, text: 'Heals well.' }),
  billing: async ({ patient }, make) => ({ patient, appointment: await make.appointment(), amount: 4_500 }),
  invoices: async (_care, make) => ({
    appointment: await make.appointment(),
    amount: 8_000,
    due_date: '2030-06-01',
  }),
  claims: async ({ patient }, make) => ({
    patient,
    invoice: await make.sentInvoice(),
    insurer: 'Imaginary Mutual',
    amount: 8_000,
  }),
  inventory: () => ({ name: 'Gloves', quantity: 12, unit: 'box' }),
  resources: () => ({ title: 'After a filling', body: 'Wait until the numbness has gone.', published: true }),
  profiles: async (_care, make) => ({
    user: await make.practitioner(),
    title: 'Dr',
    registration_number: 'NOWHERE-9',
  }),
  settings: () => ({ key: `test.setting_${(made += 1)}`, value: 'on' }),
};

/** What is changed of one. */
export const CHANGE: Readonly<Record<string, Sample>> = {
  users: () => ({ first_name: 'Changed' }),
  locations: () => ({ address: '4 Imaginary Lane' }),
  services: () => ({ price: 21_000 }),
  appointments: () => ({ notes: 'Likes jazz.' }),
  'dental-records': () => ({ notes: 'All well.' }),
  'treatment-plans': () => ({ status: 'accepted' }),
  'intake-forms': () => ({ medications: 'None' }),
  documents: () => ({ document_type: 'letter' }),
  'progress-notes': () => ({ text: 'Has healed.' }),
  billing: () => ({ status: 'paid', method: 'cash', paid_at: '2030-05-06T09:40:00Z' }),
  invoices: () => ({ status: 'sent' }),
  claims: () => ({ status: 'submitted' }),
  inventory: () => ({ quantity: 11 }),
  resources: () => ({ title: 'After your filling' }),
  profiles: () => ({ bio: 'Treats children too.' }),
  settings: () => ({ value: 'off' }),
};

/** The address that says what an upload is. */
export function uploadPath(patient: number, filename = 'tooth.png'): string {
  return `/api/documents/?patient=${patient}&document_type=x-ray&filename=${filename}`;
}

function person(): object {
  made += 1;
  const username = `sample${made}`;
  return {
    username,
    email: `${username}@clinic.example`,
    first_name: 'Sam',
    last_name: 'Ple',
    password: 'long-enough-for-all',
  };
}
