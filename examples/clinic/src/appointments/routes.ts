import { Router } from 'express';

import type { ClinicAudit } from '../audit.js';
import { actionRoute, collectionRoutes } from '../collections/routes.js';
import { bodyOf, idOf } from '../http/input.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { Appointments } from './appointments.js';
import { Booking, Cancellation, Completion, filter, inputs, Rescheduling } from './input.js';

export function appointmentRoutes(audit: ClinicAudit, appointments: Appointments): Router {
  const router = Router();
  router.use(
    collectionRoutes(audit, 'appointments', appointments, {
      inputs,
      filter,
      createdBy: (user) => (user.user_type === 'patient' ? Booking : inputs.create),
    }),
  );
  router.use(
    actionRoute('/api/appointments/:id/cancel', async (request) => {
      const { user } = callerOf(request);
      const id = await appointments.mayUpdate(user, idOf(request));
      const { reason } = bodyOf(Cancellation, request);
      return appointments.answer(await appointments.cancel(user, id, reason));
    }),
  );
  router.use(
    actionRoute('/api/appointments/:id/reschedule', async (request) => {
      const { user } = callerOf(request);
      const id = await appointments.mayUpdate(user, idOf(request));
      const input = bodyOf(Rescheduling, request);
      return appointments.answer(await appointments.reschedule(user, id, input));
    }),
  );
  router.use(
    actionRoute('/api/appointments/:id/complete', async (request) => {
      const { user } = callerOf(request);
      const id = await appointments.mayUpdate(user, idOf(request));
      bodyOf(Completion, request);
      return appointments.answer(await appointments.complete(user, id));
    }),
  );
  return router;
}
