import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

const COST = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;

/** Kept for an account that has no password yet: nothing derives to it. */
export const NO_PASSWORD = 'none';

/** A password as it is kept: the way it was derived, its own salt, and what came out. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (hash === NO_PASSWORD) return verifyNothing(password);
  const [, N, r, p, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, 'base64url'), expected.length, cost);
  return timingSafeEqual(derived, expected);
}

let nobodysHash: Promise<string> | undefined;

/** Takes as long as `verifyPassword`, so that the time of an answer does not tell which names exist. */
export async function verifyNothing(password: string): Promise<false> {
  nobodysHash ??= hashPassword(randomBytes(16).toString('hex'));
  await verifyPassword(password, await nobodysHash);
  return false;
}
