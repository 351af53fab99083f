import type { HttpBinding } from './http-binding.js';
import { alone, type HttpClinic, type HttpClinicOptions } from './http-clinic.js';

/** Something that is asked of the clinic, and what the trail must tell of it. */
export interface HttpScenario {
  readonly title: string;
  run(binding: HttpBinding): Promise<void>;
}

type Test = (clinic: HttpClinic, binding: HttpBinding) => Promise<void>;

/** A scenario with a clinic of its own, which must have looked at everything that was recorded. */
export function scenario(title: string, options: HttpClinicOptions, test: Test): HttpScenario {
  return { title, run: (binding) => alone(binding, options, (clinic) => test(clinic, binding)) };
}
