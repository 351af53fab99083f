import type { AuditError } from '../event/errors.js';
import type { Settings } from './options.js';
import { isThenable } from './thenable.js';

/** Tells the application what the trail has to say. */
export class Teller {
  readonly #settings: Pick<Settings, 'log' | 'onError'>;

  constructor(settings: Pick<Settings, 'log' | 'onError'>) {
    this.#settings = settings;
  }

  log(line: string): void {
    this.#tell('log', () => this.#settings.log(line));
  }

  report(error: AuditError): void {
    this.#tell('onError', () => this.#settings.onError(error));
  }

  /** A failure of the trail is told, and breaks nothing: not even when telling fails, now or later. */
  #tell(name: string, tell: () => unknown): void {
    const failed = (cause: unknown): void => console.error(`indelible: ${name} failed`, cause);
    try {
      const told = tell();
      if (isThenable(told)) told.then(undefined, failed);
    } catch (cause) {
      failed(cause);
    }
  }
}
