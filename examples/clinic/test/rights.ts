const EVERYTHING = 'LCRPUD';

interface ByPerson {
  readonly owner: string;
  readonly dentist: string;
  /** A hygienist. */
  readonly floss: string;
  readonly reception: string;
  /** Whose records are asked for, where they are a patient's. */
  readonly patient: string;
  /** Another patient. */
  readonly canine: string;
}

const CLINICAL: ByPerson = {
  owner: EVERYTHING,
  dentist: EVERYTHING,
  floss: EVERYTHING,
  reception: '',
  patient: 'LR',
  canine: 'L',
};
const MONEY: ByPerson = {
  owner: EVERYTHING,
  dentist: '',
  floss: '',
  reception: EVERYTHING,
  patient: 'LR',
  canine: 'L',
};
const OFFERED: ByPerson = {
  owner: EVERYTHING,
  dentist: 'LR',
  floss: 'LR',
  reception: 'LR',
  patient: 'LR',
  canine: 'LR',
};
const OWNER_ONLY: ByPerson = {
  owner: EVERYTHING,
  dentist: '',
  floss: '',
  reception: '',
  patient: '',
  canine: '',
};

/** Who may list, create, read, patch, put and delete: what the contract says, written down a second time. */
export const RIGHTS: Readonly<Record<string, ByPerson>> = {
  appointments: {
    owner: EVERYTHING,
    dentist: EVERYTHING,
    floss: EVERYTHING,
    reception: EVERYTHING,
    patient: 'LCR',
    canine: 'L',
  },
  'dental-records': CLINICAL,
  'treatment-plans': CLINICAL,
  'progress-notes': CLINICAL,
  documents: CLINICAL,
  'intake-forms': {
    owner: EVERYTHING,
    dentist: 'LR',
    floss: 'LR',
    reception: EVERYTHING,
    patient: 'LCRPU',
    canine: 'L',
  },
  billing: MONEY,
  invoices: MONEY,
  claims: MONEY,
  inventory: { ...OWNER_ONLY, reception: EVERYTHING },
  services: OFFERED,
  locations: OFFERED,
  resources: OFFERED,
  profiles: OFFERED,
  settings: OWNER_ONLY,
};
