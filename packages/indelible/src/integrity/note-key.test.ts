import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { checkKeyName, keyId, SigningKey, VerifierKey } from './note-key.js';

/** The published example of golang.org/x/mod/sumdb/note; its private key is as public as the rest. */
const GO = {
  signingKey: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  verifierKey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  /** The key's id, and the signature. */
  signature: 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
};
const GO_SIGNATURE = Buffer.from(GO.signature, 'base64').subarray(4);
const GO_ID = Buffer.from(GO.signature, 'base64').subarray(0, 4);

function refusal(attempt: () => unknown): { code?: string; message: string } {
  try {
    attempt();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('It was not refused');
}

describe('the keys of signed notes', () => {
  it('have the id that Go gives them', () => {
    const publicKey = Buffer.from('GlzZBxQ8OExB6DDFvOEqqIF+xWSaqr8sMTiLNbLXRNY=', 'base64');
    expect(Buffer.from(keyId('PeterNeumann', publicKey))).toEqual(GO_ID);
    expect(GO_ID.toString('hex')).toBe('c74f20a3');
  });

  it('are read and written as Go does', () => {
    const key = SigningKey.parse(GO.signingKey);
    expect(key).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3', verifierKey: GO.verifierKey });
    expect(key.encode()).toBe(GO.signingKey);
    expect(VerifierKey.parse(GO.verifierKey)).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3' });
  });

  it('sign as Go does, to the byte, and verify what Go signed', () => {
    expect(Buffer.from(SigningKey.parse(GO.signingKey).sign(GO.text))).toEqual(GO_SIGNATURE);
    const verifier = VerifierKey.parse(GO.verifierKey);
    expect(verifier.verify(GO.text, GO_SIGNATURE)).toBe(true);
    expect(verifier.verify(Buffer.from(GO.text), GO_SIGNATURE)).toBe(true);
  });

  it('say false to another text, another signature and bytes that are none', () => {
    const verifier = VerifierKey.parse(GO.verifierKey);
    const flipped = Uint8Array.from(GO_SIGNATURE, (byte, index) => (index === 40 ? byte ^ 1 : byte));
    expect(verifier.verify(`${GO.text} `, GO_SIGNATURE)).toBe(false);
    for (const signature of [flipped, new Uint8Array(0), new Uint8Array(64), new Uint8Array(1000)]) {
      expect(verifier.verify(GO.text, signature)).toBe(false);
    }
  });

  it('are made anew each time, and verify only what they signed themselves', () => {
    const [one, other] = [SigningKey.create('example.com/audit'), SigningKey.create('example.com/audit')];
    expect(one.id).not.toBe(other.id);
    const signature = one.sign('text');
    expect(VerifierKey.parse(one.verifierKey).verify('text', signature)).toBe(true);
    expect(VerifierKey.parse(other.verifierKey).verify('text', signature)).toBe(false);
    expect(SigningKey.parse(one.encode()).verifierKey).toBe(one.verifierKey);
  });

  it('are read with an id in capitals, as Go does', () => {
    expect(SigningKey.parse(GO.signingKey.replace('c74f20a3', 'C74F20A3')).id).toBe('c74f20a3');
  });

  it('refuse every cut and every changed letter', () => {
    for (const [text, parse] of [
      [GO.signingKey, (mangled: string) => SigningKey.parse(mangled)],
      [GO.verifierKey, (mangled: string) => VerifierKey.parse(mangled)],
    ] as const) {
      for (let at = 0; at < text.length; at += 1) {
        const letter = text[at]?.toLowerCase() === 'x' ? 'y' : 'x';
        for (const wrong of [
          text.slice(0, at),
          text.slice(at + 1),
          text.slice(0, at) + letter + text.slice(at + 1),
        ]) {
          expect(refusal(() => parse(wrong)).code).toBe('KEY_INVALID');
        }
      }
    }
  });

  it.each([
    ['another algorithm', 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'],
    ['a private prefix in small letters', `private+key+${GO.verifierKey}`],
    ['a line break behind it', `${GO.verifierKey}\n`],
    ['a base64 that is spelt in another way', GO.verifierKey.replace('0TW', '0TX')],
    ['a signing key in its place', GO.signingKey],
    ['a signature in its place', GO.signature],
  ])('refuse a verifier key with %s', (_, text) => {
    expect(refusal(() => VerifierKey.parse(text)).code).toBe('KEY_INVALID');
  });

  it.each([
    '',
    'two words',
    'tab\there',
    'a+b',
    'no\u00a0break',
    'em\u2003space',
    'next\u0085line',
    'line\nbreak',
    'bell\u0007',
    'half\ud800',
  ])('cannot be named %j', (name) => {
    expect(refusal(() => checkKeyName(name)).code).toBe('KEY_INVALID');
    expect(refusal(() => SigningKey.create(name)).code).toBe('KEY_INVALID');
  });

  it.each(['example.com/audit', 'localhost:3000', 'Zahnärzte/münchen', '診療所'])(
    'can be named %s',
    (name) => {
      expect(VerifierKey.parse(SigningKey.create(name).verifierKey).name).toBe(name);
    },
  );

  it('show what is secret to no logger and in no refusal', () => {
    const key = SigningKey.parse(GO.signingKey);
    const seed = Buffer.from(GO.signingKey.split('c74f20a3+')[1] ?? '', 'base64').subarray(1);
    const shown = [
      inspect(key, { depth: 9, showHidden: true }),
      JSON.stringify(key),
      String(key),
      refusal(() => SigningKey.parse(GO.signingKey.replace('c74f20a3', 'c74f20a4'))).message,
      refusal(() => SigningKey.parse(`${GO.signingKey}=`)).message,
      refusal(() => VerifierKey.parse(GO.signingKey)).message,
    ].join('\n');
    expect(seed).toHaveLength(32);
    for (const form of ['AYEKFALVFGyNhPJEMzD1QIDr', seed.toString('base64'), seed.toString('hex')]) {
      expect(shown).not.toContain(form);
    }
  });
});
