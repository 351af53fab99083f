import { isThenable } from '../../trail/thenable.js';
import { type Shown, shown } from './answers.js';
import type { ClinicActions, ClinicTransaction, ClinicWork, OpenClinic } from './clinic-orm.js';

type Actions = Partial<ClinicActions>;
type AnyAction = (...args: readonly unknown[]) => unknown;

/** The same clinic; whatever its actions answer or throw is also taken down, in the order they were begun. */
export function recorded(clinic: OpenClinic, answers: Shown[]): OpenClinic {
  return {
    ...clinic,
    actions: recordedActions(clinic.actions, answers),
    transaction: (work) => clinic.transaction(recordedWork(work, answers)),
  };
}

function recordedWork(work: ClinicWork, answers: Shown[]): ClinicWork {
  return { ...work, steps: work.steps.map((step) => (tx) => step(recordedTransaction(tx, answers))) };
}

function recordedTransaction(tx: ClinicTransaction, answers: Shown[]): ClinicTransaction {
  const { actions, savepoint } = tx;
  return {
    actions: recordedActions(actions, answers),
    savepoint: savepoint && ((work) => savepoint(recordedWork(work, answers))),
  };
}

function recordedActions(actions: Actions, answers: Shown[]): Actions {
  const entries = Object.entries(actions as Record<string, AnyAction>);
  return Object.fromEntries(entries.map(([name, action]) => [name, recordedAction(name, action, answers)]));
}

/** An answer is taken down at once: an entity may be another one later. */
function recordedAction(name: string, action: AnyAction, answers: Shown[]): AnyAction {
  return (...args) => {
    const place = answers.push(null) - 1;
    const take = (answer: unknown): void => {
      answers[place] = { [name]: shown(answer) };
    };
    const fail = (error: unknown): never => {
      take(error);
      throw error;
    };
    try {
      const answer = action(...args);
      if (!isThenable(answer)) {
        take(answer);
        return answer;
      }
      return answer.then((value: unknown) => {
        take(value);
        return value;
      }, fail);
    } catch (error) {
      return fail(error);
    }
  };
}
