import type { Clinic } from '../clinic.js';
import type { PatientFile } from '../patient-files/patient-files.js';
import { Denied } from '../problem.js';
import type { User } from '../users/user.js';
import type { Cast } from './cast.js';

const PAGE = { limit: 50, offset: 0 };

/**
 * What is looked at, looked for and handed out in a made-up life, and what is refused. There is no route that
 * could tell of it: the calls themselves are wrapped.
 */
export class MadeUpLooks {
  readonly #clinic: Clinic;
  readonly #cast: Cast;

  constructor(clinic: Clinic, cast: Cast) {
    this.#clinic = clinic;
    this.#cast = cast;
  }

  async around(): Promise<void> {
    await this.#read();
    await this.#search();
    await this.#handOut();
    await this.#pry();
  }

  async #read(): Promise<void> {
    const { audit, appointments, dentalRecords } = this.#clinic;
    const dentist = this.#cast.person('dentist');
    const readAppointment = audit.wrap((id: number) => appointments.read(dentist, id), {
      action: 'READ',
      model: 'Appointment',
    });
    const listRecords = audit.wrap((patient: number) => dentalRecords.list(dentist, { patient }, PAGE), {
      action: 'LIST',
      model: 'DentalRecord',
      id: () => undefined,
    });
    await this.#cast.as(dentist, async () => {
      for (const id of [1, 2, 3, 5, 8]) await readAppointment(id);
      for (const name of ['incisor', 'canine', 'patient']) await listRecords(this.#cast.person(name).id);
    });
  }

  async #search(): Promise<void> {
    const { audit, users } = this.#clinic;
    const reception = this.#cast.person('reception');
    const searchUsers = audit.wrap((search: string) => users.list(reception, { search }, PAGE), {
      action: 'SEARCH',
      model: 'User',
      id: () => undefined,
    });
    await this.#cast.as(reception, async () => {
      for (const name of ['Crown', 'Bess', 'Nobody']) await searchUsers(name);
    });
  }

  async #handOut(): Promise<void> {
    const { audit, patientFiles } = this.#clinic;
    const exportFile = audit.wrap((by: User, id: number, _reason: string) => patientFiles.export(by, id), {
      action: 'EXPORT',
      model: 'User',
      id: (_by, id) => id,
      reason: (_by, _id, reason) => reason,
      select: (file) => (file as PatientFile).patient,
    });
    const dentist = this.#cast.person('dentist');
    const patient = this.#cast.person('patient');
    await this.#cast.as(dentist, () =>
      exportFile(dentist, this.#cast.person('canine').id, 'moves to another dentist'),
    );
    await this.#cast.as(patient, () => exportFile(patient, patient.id, 'for my insurance'));
  }

  /** People who try what they may not. */
  async #pry(): Promise<void> {
    const { audit, dentalRecords, users } = this.#clinic;
    const reception = this.#cast.person('reception');
    const patient = this.#cast.person('patient');
    const readRecord = audit.wrap((id: number) => dentalRecords.read(reception, id), {
      action: 'READ',
      model: 'DentalRecord',
    });
    const readUser = audit.wrap((id: number) => users.read(patient, id), { action: 'READ', model: 'User' });
    await this.#cast.as(reception, () => refused(readRecord(1)));
    await this.#cast.as(patient, () => refused(readUser(this.#cast.person('bridge').id)));
  }
}

async function refused(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch((error: unknown) => {
    if (!(error instanceof Denied)) throw error;
  });
}
