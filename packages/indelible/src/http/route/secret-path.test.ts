import { describe, expect, it } from 'vitest';

import { Redactor } from '../../event/redaction.js';
import { SecretPaths } from './secret-path.js';

const redactor = new Redactor();
const paths = new SecretPaths((name) => redactor.isSecret(name));

describe('a path with a secret in it', () => {
  it.each([
    ['/api/reset-password/:token', '/api/reset-password/abc123', '/api/reset-password/[redacted]'],
    ['/api/invites/{token}/accept', '/api/invites/abc123/accept', '/api/invites/[redacted]/accept'],
    ['/api/keys/[apiKey]', '/api/keys/abc123/', '/api/keys/[redacted]'],
    ['/api/s/$sessionToken', '/api/s/abc123', '/api/s/[redacted]'],
    ['/api/users/:id/:secret?', '/api/users/7', '/api/users/7'],
    ['/api/files/:token/*rest', '/api/files/abc123/a/b', '/api/files/[redacted]/[redacted]/[redacted]'],
  ])('P37: hides it where the route %s says so', (route, path, shown) => {
    expect(paths.mask(route, path)).toBe(shown);
  });

  it('is the same path where the route names no secret, or none is known', () => {
    expect(paths.mask('/api/patients/:id', '/api/patients/42/')).toBe('/api/patients/42/');
    expect(paths.mask(undefined, '/api/token/abc')).toBe('/api/token/abc');
  });
});
