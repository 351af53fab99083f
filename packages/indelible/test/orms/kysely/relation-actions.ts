import type { Kysely } from 'kysely';

import type { ClinicActions } from '../../../src/testing/capture/clinic-orm.js';
import type { ClinicDb } from './clinic-db.js';

type Relating =
  | 'linkTags'
  | 'unlinkTags'
  | 'setTags'
  | 'clearTags'
  | 'deleteAppointment'
  | 'removeAppointment'
  | 'deleteAppointmentsWhere'
  | 'deleteUser'
  | 'deleteService';

export function relationActions(db: Kysely<ClinicDb>): Pick<ClinicActions, Relating> {
  return { ...linking(db), ...deleting(db) };
}

function linking(
  db: Kysely<ClinicDb>,
): Pick<ClinicActions, 'linkTags' | 'unlinkTags' | 'setTags' | 'clearTags'> {
  const linkTags: ClinicActions['linkTags'] = (appointmentId, tagIds) =>
    db
      .insertInto('appointment_tag')
      .values(tagIds.map((tag_id) => ({ appointment_id: appointmentId, tag_id })))
      .onConflict((on) => on.doNothing())
      .execute();
  return {
    linkTags,
    unlinkTags: (appointmentId, tagIds) =>
      db
        .deleteFrom('appointment_tag')
        .where('appointment_id', '=', appointmentId)
        .where('tag_id', 'in', [...tagIds])
        .executeTakeFirst(),
    async setTags(appointmentId, tagIds) {
      await db
        .deleteFrom('appointment_tag')
        .where('appointment_id', '=', appointmentId)
        .where('tag_id', 'not in', [...tagIds])
        .execute();
      return linkTags(appointmentId, tagIds);
    },
    clearTags: (appointmentId) =>
      db.deleteFrom('appointment_tag').where('appointment_id', '=', appointmentId).executeTakeFirst(),
  };
}

function deleting(
  db: Kysely<ClinicDb>,
): Pick<ClinicActions, Exclude<Relating, 'linkTags' | 'unlinkTags' | 'setTags' | 'clearTags'>> {
  return {
    deleteAppointment: (id) => db.deleteFrom('appointment').where('id', '=', id).executeTakeFirst(),
    async removeAppointment(id) {
      const found = await db.selectFrom('appointment').select('id').where('id', '=', id).execute();
      const ids = found.map((row) => row.id);
      return db.deleteFrom('appointment').where('id', 'in', ids).returning('id').execute();
    },
    deleteAppointmentsWhere: (status) =>
      db.deleteFrom('appointment').where('status', '=', status).executeTakeFirst(),
    deleteUser: (id) => db.deleteFrom('user').where('id', '=', id).returning('email').execute(),
    deleteService: (id) => db.deleteFrom('service').where('id', '=', id).execute(),
  };
}
