import { z } from 'zod';

const id = z.number().int().positive();
const finding = z.string().trim().min(1).max(2000);
const fields = { dentist: id, diagnosis: finding, treatment: finding, notes: z.string().max(10_000) };

export const NewDentalRecord = z.strictObject({ patient: id, ...fields, notes: fields.notes.default('') });
export type NewDentalRecord = z.infer<typeof NewDentalRecord>;

/** A record stays with its patient. */
export const DentalRecordChanges = z.strictObject(fields).partial();
export type DentalRecordChanges = z.infer<typeof DentalRecordChanges>;

const wanted = z.coerce.number().int().positive().optional();
/** What a list of records can be narrowed by. */
export const DentalRecordFilter = z.strictObject({ patient: wanted, dentist: wanted });
export type DentalRecordFilter = z.infer<typeof DentalRecordFilter>;
