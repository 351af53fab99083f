import { type RequestHandler, Router } from 'express';
import { auditExport } from 'indelible/express';
import { z } from 'zod';

import type { ClinicAudit } from '../audit.js';
import { only } from '../http/errors.js';
import { bodyOf, idOf } from '../http/input.js';
import { callerOf } from '../sign-in/authenticate.js';
import { contentsOf, type PatientFile, type PatientFiles } from './patient-files.js';

const Export = z.strictObject({ reason: z.string().trim().min(1).max(1000) });

export function patientFileRoutes(audit: ClinicAudit, files: PatientFiles): Router {
  const router = Router();
  const exported = auditExport(audit, 'User', {
    select: (answer) => (answer as PatientFile).patient,
    metadata: (_request, answer) => contentsOf(answer as PatientFile),
  });
  router.route('/api/users/:id/export_records').post(exported, exportFile(files)).all(only('POST'));
  return router;
}

/** As a file to keep. Nothing of it leaves before the trail has it: why is in the body, and so in the event. */
function exportFile(files: PatientFiles): RequestHandler {
  return async (request, response) => {
    const { user } = callerOf(request);
    const id = idOf(request);
    await files.mayExport(user, id);
    bodyOf(Export, request);
    const file = await files.export(user, id);
    response.attachment(`patient-${id}.json`).json(file);
  };
}
