import type { KitRoute } from '../http-binding.js';
import { answerRoutes } from './answers.js';
import { contextRoutes } from './context.js';
import type { Desk } from './desk.js';
import { manyReadRoutes } from './many-reads.js';
import { oddRoutes } from './odd.js';
import { patientRoutes } from './patients.js';
import { signInRoutes } from './sign-in.js';

/** Every route of the kit's clinic. */
export function clinicRoutes(desk: Desk): readonly KitRoute[] {
  return [
    ...patientRoutes(desk),
    ...answerRoutes(desk),
    ...contextRoutes(desk),
    ...manyReadRoutes(desk),
    ...oddRoutes(),
    ...signInRoutes(desk),
  ];
}
