import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { EnvironmentKeys } from './environment-keys.js';
import type { Principal, PrincipalSource } from './principal.interface.js';
import { PrincipalService } from './principal.service.js';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const environment = new EnvironmentKeys([
  { name: 'ops', role: 'admin', secretSha256: sha('secret-of-ops-01') },
  { name: 'app', role: 'client', secretSha256: sha('secret-of-app-01') },
]);
const OPS: Principal = { id: 'ops', name: 'ops', role: 'admin', team: null };

describe('PrincipalService', () => {
  it.each([
    [{ authorization: 'Bearer secret-of-ops-01' }],
    [{ authorization: 'bearer   secret-of-ops-01 ' }],
    [{ 'x-api-key': 'secret-of-ops-01' }],
    [{ 'x-goog-api-key': 'secret-of-ops-01' }],
  ])('finds the key of the environment that %j shows', (headers) => {
    const principals = new PrincipalService([environment]);
    expect(principals.resolve({ headers })).toEqual(OPS);
    expect(principals.resolve({ headers: { ...headers } })).toEqual(OPS);
  });

  it.each([
    [{}],
    [{ authorization: 'Basic secret-of-ops-01' }],
    [{ 'x-api-key': 'secret-of-ops-02' }],
    [{ 'x-api-key': sha('secret-of-ops-01') }],
    [{ 'x-api-key': 'constructor' }],
  ])('finds nobody for %j', (headers) => {
    expect(new PrincipalService([environment]).resolve({ headers })).toBeUndefined();
  });

  it('asks its sources in order, and is empty only where all are', () => {
    const other: Principal = { id: '0192', name: 'ops', role: 'client', team: 'research' };
    const database: PrincipalSource = {
      isEmpty: false,
      find: (digest) => (digest === sha('secret-of-ops-01') || digest === sha('sk-1') ? other : undefined),
    };
    const principals = new PrincipalService([environment, database]);
    expect(principals.resolve({ headers: { 'x-api-key': 'secret-of-ops-01' } })).toEqual(OPS);
    expect(principals.resolve({ headers: { 'x-api-key': 'sk-1' } })).toEqual(other);
    const none = new EnvironmentKeys([]);
    expect([new PrincipalService([none]).isEmpty, new PrincipalService([none, database]).isEmpty]).toEqual([
      true,
      false,
    ]);
  });
});
