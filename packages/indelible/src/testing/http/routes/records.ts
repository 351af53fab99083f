import type { Signals } from '../signals.js';

const NAMES = ['Ada Alder', 'Ben Birch', 'Cleo Cedar', 'Dora Døgen 🦷'];

export interface KitPatient {
  readonly id: number | string;
  readonly name: string;
  readonly born: string;
}

/** A patient of the kit; there is one for every id. */
export function patientOf(id: string | number): KitPatient {
  const n = Number(id);
  const isNumber = Number.isSafeInteger(n);
  return { id: isNumber ? n : id, name: NAMES[isNumber ? n % NAMES.length : 0] ?? '', born: '1970-01-01' };
}

const TOTAL = 1_234;

/** A page of patients, the way most interfaces answer one. */
export function pageOf(page: number, size: number): { count: number; results: KitPatient[] } {
  const first = (page - 1) * size + 1;
  return { count: TOTAL, results: Array.from({ length: size }, (_, n) => patientOf(first + n)) };
}

const LINES = 2_000;

/** A file of patients, line by line, more than is sent at once; tells when it begins and when nobody takes any more. */
export async function* patientLines(signals: Signals): AsyncIterable<string> {
  signals.give('export begun');
  try {
    yield 'id,name\n';
    for (let id = 1; id <= LINES; id += 1) yield `${id},${patientOf(id).name}\n`;
  } finally {
    signals.give('export ended');
  }
}
