import { type Request, type RequestHandler, Router } from 'express';
import { auditList, auditRead } from 'indelible/express';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { pageAnswer, paging, sliceOf } from '../http/page.js';
import { callerOf } from '../sign-in/authenticate.js';
import type { User } from '../users/user.js';
import { appointmentAnswer } from './appointment.js';
import type { Appointments } from './appointments.js';
import {
  AppointmentChanges,
  AppointmentFilter,
  AppointmentReplacement,
  Booking,
  Cancellation,
  Completion,
  NewAppointment,
  Rescheduling,
} from './input.js';

const Query = AppointmentFilter.extend(paging);

export function appointmentRoutes(audit: ClinicAudit, appointments: Appointments): Router {
  const router = Router();
  router
    .route('/api/appointments')
    .get(auditList(audit, 'Appointment'), list(appointments))
    .post(book(appointments))
    .all(only('GET', 'POST'));
  router
    .route('/api/appointments/:id')
    .get(auditRead(audit, 'Appointment'), read(appointments))
    .patch(update(appointments, AppointmentChanges))
    .put(update(appointments, AppointmentReplacement))
    .delete(remove(appointments))
    .all(only('GET', 'PATCH', 'PUT', 'DELETE'));
  router.route('/api/appointments/:id/cancel').post(cancel(appointments)).all(only('POST'));
  router.route('/api/appointments/:id/reschedule').post(reschedule(appointments)).all(only('POST'));
  router.route('/api/appointments/:id/complete').post(complete(appointments)).all(only('POST'));
  return router;
}

function list(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const { page, ...where } = Query.parse({ ...request.query });
    const found = appointments.list(user, where, sliceOf(page));
    response.json(pageAnswer(request, page, found, appointmentAnswer));
  };
}

function book(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const input = user.user_type === 'patient' ? bookingOf(user, request) : bodyOf(NewAppointment, request);
    response.status(201).json(appointmentAnswer(appointments.book(user, input)));
  };
}

function bookingOf(user: User, request: Request): NewAppointment {
  const { patient = user.id, ...booking } = bodyOf(Booking, request);
  return { ...booking, patient, status: 'confirmed' };
}

function read(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(appointmentAnswer(appointments.read(user, idOf(request))));
  };
}

function update(
  appointments: Appointments,
  schema: typeof AppointmentChanges | typeof AppointmentReplacement,
): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    response.json(appointmentAnswer(appointments.update(user, idOf(request), bodyOf(schema, request))));
  };
}

function remove(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    appointments.remove(user, idOf(request));
    response.status(204).end();
  };
}

function cancel(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const { reason } = bodyOf(Cancellation, request);
    response.json(appointmentAnswer(appointments.cancel(user, idOf(request), reason)));
  };
}

function reschedule(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    const input = bodyOf(Rescheduling, request);
    response.json(appointmentAnswer(appointments.reschedule(user, idOf(request), input)));
  };
}

function complete(appointments: Appointments): RequestHandler {
  return (request, response) => {
    const { user } = callerOf(request);
    bodyOf(Completion, request);
    response.json(appointmentAnswer(appointments.complete(user, idOf(request))));
  };
}
