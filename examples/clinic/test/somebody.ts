import type { Client } from './client.js';

export const PASSWORD = 'long-enough-for-all';

let made = 0;

/** What an account is made of: each time another's, a patient's unless the fields say otherwise. */
export function somebody(fields: object): object {
  made += 1;
  return {
    username: `somebody${made}`,
    email: `somebody${made}@clinic.example`,
    first_name: 'Some',
    last_name: 'Body',
    password: PASSWORD,
    ...fields,
  };
}

export async function makeSomebody(by: Client, fields: object): Promise<{ id: number; username: string }> {
  const { status, body } = await by.post('/api/users/', somebody(fields));
  if (status !== 201) throw new Error(`Nobody was made: ${JSON.stringify(body)}`);
  return body as { id: number; username: string };
}
