import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AccessKey, AccessRole } from '../config/app-config.interface.js';
import type { RouteAccess } from './access.decorators.js';

/** Roles that may call a route declared for the role of the name. */
const ALLOWED: Readonly<Record<Exclude<RouteAccess, 'anyone'>, readonly AccessRole[]>> = {
  admin: ['admin'],
  client: ['admin', 'client'],
  monitor: ['admin', 'monitor'],
  'any-role': ['admin', 'client', 'monitor'],
};

/** Who a key belongs to. */
export type AccessCaller = Pick<AccessKey, 'name' | 'role'>;

export type AccessVerdict =
  { kind: 'allowed'; caller: AccessCaller | undefined } | { kind: 'unauthenticated' } | { kind: 'forbidden' };

const SECRET = Symbol('secret');

/** A request as Node has it, which is judged at the edge and again at its route. */
type JudgedRequest = Pick<IncomingMessage, 'headers'> & { [SECRET]?: string };

/**
 * Decides by the configured keys. Without any, whoever reaches the service is answered. Keys are found by their digest:
 * how long that takes tells nothing of a key, since nobody can steer what a digest looks like. One that has been found is
 * found by itself from then on, in a map whose hashes are seeded anew in every process; so keys that were used are in its
 * memory, as they are in those of its requests.
 */
export class AccessKeys {
  private readonly keys: ReadonlyMap<string, AccessKey>;
  private readonly found = new Map<string, AccessKey>();

  constructor(keys: readonly AccessKey[]) {
    this.keys = new Map(keys.map((key) => [key.secretSha256, key]));
  }

  /** Whether a request with these headers may call a route. A key in the URL is not looked at. */
  judge(request: JudgedRequest, access: RouteAccess): AccessVerdict {
    if (this.keys.size === 0 || access === 'anyone') return { kind: 'allowed', caller: undefined };
    const key = this.find((request[SECRET] ??= presentedSecret(request.headers)));
    if (key === undefined) return { kind: 'unauthenticated' };
    return ALLOWED[access].includes(key.role) ? { kind: 'allowed', caller: key } : { kind: 'forbidden' };
  }

  private find(secret: string): AccessKey | undefined {
    const known = this.found.get(secret);
    if (known !== undefined) return known;
    const key = secret === '' ? undefined : this.keys.get(hash('sha256', secret, 'hex'));
    if (key !== undefined) this.found.set(secret, key);
    return key;
  }
}

/** Empty where there is no key. */
function presentedSecret(headers: IncomingHttpHeaders): string {
  const bearer = /^Bearer +(\S.*)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer.trim();
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : '';
}
