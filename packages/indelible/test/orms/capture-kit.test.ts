import { expect, describe, it } from 'vitest';

import type { Audit } from '../../src/index.js';
import { captureContract } from '../../src/testing/capture/capture-contract.js';
import type { ClinicActions, ClinicBinding, OpenClinic } from '../../src/testing/capture/clinic-orm.js';
import type { TestRunner } from '../../src/testing/store-contract.js';
import { kysely } from './kysely/binding.js';
import { openSqliteHome } from './sqlite-home.js';

/** A runner that only takes down what it is given, so that a test can be run and seen to fail. */
class Notebook implements TestRunner {
  readonly tests = new Map<string, () => Promise<void>>();
  #afterAll: () => Promise<void> = async () => undefined;

  readonly describe = (_: string, body: () => void): void => body();
  readonly it = (name: string, body: () => Promise<void>): void => void this.tests.set(name, body);
  readonly afterAll = (body: () => Promise<void>): void => {
    this.#afterAll = body;
  };

  run(name: string): Promise<void> {
    return this.tests.get(name)?.() ?? Promise.reject(new Error(`There is no test ${name}.`));
  }

  end(): Promise<void> {
    return this.#afterAll();
  }
}

type Fault = (clinic: OpenClinic, audit: Audit) => OpenClinic;

function withActions(
  clinic: OpenClinic,
  change: (actions: ClinicActions) => Partial<ClinicActions>,
): OpenClinic {
  return { ...clinic, actions: { ...clinic.actions, ...change(clinic.actions as ClinicActions) } };
}

const answersOtherwise: Fault = (clinic) =>
  withActions(clinic, (actions) => ({
    createUser: async (user) => [await actions.createUser(user)],
  }));
const writesTwice: Fault = (clinic) =>
  withActions(clinic, (actions) => ({
    async incrementVisits(id, by) {
      const answer = await actions.incrementVisits(id, by);
      await actions.incrementVisits(id, -by);
      return answer;
    },
  }));
const invents: Fault = (clinic, audit) =>
  withActions(clinic, (actions) => ({
    async createAppointment(row) {
      const target = { type: 'Tag', id: '1' };
      await audit.record({
        action: 'UPDATE',
        source: 'model',
        target,
        before: { color: 'a' },
        after: { color: 'b' },
      });
      return actions.createAppointment(row);
    },
  }));
const namesAnother: Fault = (clinic, audit) =>
  withActions(clinic, (actions) => ({
    createAppointment: (row) =>
      audit.run(
        { actor: { type: 'user', id: 'somebody' } },
        async () => await actions.createAppointment(row),
      ),
  }));
const never: Fault = (clinic) => ({
  ...clinic,
  transaction: (work) => clinic.transaction({ ...work, end: 'commit' }),
});
const leavesOut: Fault = (clinic) => {
  const { createAppointment: _, ...actions } = clinic.actions;
  return { ...clinic, actions };
};

function faulty(fault: Fault | undefined): ClinicBinding {
  return {
    ...kysely,
    async open(place, audit) {
      const clinic = await kysely.open(place, fault === undefined ? undefined : audit);
      return fault !== undefined && audit !== undefined ? fault(clinic, audit) : clinic;
    },
  };
}

function taken(binding: ClinicBinding): Notebook {
  const notebook = new Notebook();
  captureContract('an ORM', { binding, database: 'sqlite', openHome: openSqliteHome }, notebook);
  return notebook;
}

const CREATED = 'a record that is created is told whole';
const SECRET = 'P38: a secret is told as there, or as changed, and never shown';
const INCREMENT = 'P7: an increment records the value it results in';
const ROLLBACK = 'P11: a transaction that is rolled back leaves no event';

describe('the capture contract', () => {
  it.each([
    ['captures nothing', undefined, CREATED, /missed/],
    ['answers otherwise than without', answersOtherwise, SECRET, /deep-equal/],
    ['writes more than it was asked to', writesTwice, INCREMENT, /deep-equal/],
    ['tells what never happened', invents, CREATED, /false/],
    ['names somebody else', namesAnother, CREATED, /somebody/],
    ['commits what was to be rolled back', never, ROLLBACK, /deep-equal/],
    ['leaves out what it does not declare', leavesOut, CREATED, /neither has nor declares/],
  ])('finds out an adapter that %s', async (_, fault, name, message) => {
    const [wrong, sound] = [taken(faulty(fault)), taken(kysely)];
    await expect(wrong.run(name)).rejects.toThrow(message);
    await expect(sound.run(name)).resolves.toBeUndefined();
    await Promise.all([wrong.end(), sound.end()]);
  });

  it('opens no database before a test asks for one', async () => {
    let opened = 0;
    const notebook = new Notebook();
    const openHome: typeof openSqliteHome = () => {
      opened += 1;
      return openSqliteHome();
    };
    captureContract('an ORM', { binding: kysely, database: 'sqlite', openHome }, notebook);
    expect(notebook.tests.size).toBeGreaterThan(50);
    expect(opened).toBe(0);
    await notebook.run(CREATED);
    await notebook.run(INCREMENT);
    expect(opened).toBe(1);
    await notebook.end();
  });
});
