import { z } from 'zod';

import { inputsOf, line, wanted } from '../collections/input.js';

const filename = line(200).regex(/^[^/\\\p{Cc}]+$/u, 'must be a name without a folder');
const named = { document_type: line(50), filename };

/** What it says, and how, stays as it was uploaded. */
export const FIXED = ['patient', 'content_type', 'size', 'sha256', 'created_at'];
export const inputs = inputsOf(named, FIXED);

/** What the address of an upload says of the file that is its body. */
export const Upload = z.strictObject({ patient: wanted.unwrap(), ...named });
export type NewDocument = z.infer<typeof Upload> & { readonly content_type: string };

/** What a list of documents can be narrowed by. */
export const filter = { patient: wanted, document_type: line(50).optional() };
