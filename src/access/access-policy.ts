import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpConfig } from '../infra/http-server/http.config.js';
import type { Logger } from '../infra/logging/logger.interface.js';
import type { AccessKey } from './access-key.value.js';
import type { AccessRole } from './access-role.js';
import type { AccessConfig } from './access.config.js';
import type { RouteAccess } from './access.decorators.js';
import { AnonymousCallers, type ListeningAddress } from './anonymous-callers.js';

/** Roles that may call a route declared for the role of the name. */
const ALLOWED: Readonly<Record<Exclude<RouteAccess, 'anyone' | 'any-page'>, readonly AccessRole[]>> = {
  admin: ['admin'],
  client: ['admin', 'client'],
  monitor: ['admin', 'monitor'],
  'any-role': ['admin', 'client', 'monitor'],
};

/** Who guards the routes while there are no keys: this module, or the application that it is mounted in. */
export type RouteGuardian = 'module' | 'host';

/** Who a key belongs to. */
export type AccessCaller = Pick<AccessKey, 'name' | 'role'>;

export type AccessVerdict =
  | { kind: 'allowed'; caller: AccessCaller | undefined }
  | { kind: 'unauthenticated'; reason: string }
  | { kind: 'forbidden'; reason: string };

const SECRET = Symbol('secret');

/** A request as Node has it, which is judged at the edge and again at its route. */
type JudgedRequest = Pick<IncomingMessage, 'headers' | 'method' | 'socket'> & { [SECRET]?: string };

const ALLOWED_TO_ANYONE: AccessVerdict = { kind: 'allowed', caller: undefined };
const NO_KEY: AccessVerdict = {
  kind: 'unauthenticated',
  reason: 'A valid key is needed: Authorization: Bearer …, x-api-key or x-goog-api-key',
};

/**
 * Decides who may call a route: by the configured keys, and without any by where the caller is. Keys are found by their
 * digest: how long that takes says nothing of a key, since nobody can steer what a digest looks like. One that has been
 * found is found by itself from then on, in a map whose hashes are seeded anew in every process; so keys that were used
 * are in its memory, as they are in those of its requests.
 */
export class AccessPolicy {
  private readonly keys: ReadonlyMap<string, AccessKey>;
  private readonly found = new Map<string, AccessKey>();
  private readonly anonymous: AnonymousCallers | undefined;
  private readonly allowsAnonymous: boolean;
  private announced = false;

  constructor(
    http: AccessConfig & Pick<HttpConfig, 'corsOrigins'>,
    guardian: RouteGuardian,
    listeningAt: ListeningAddress,
  ) {
    this.allowsAnonymous = http.allowAnonymous;
    this.keys = new Map(http.accessKeys.map((key) => [key.secretSha256, key]));
    this.anonymous =
      http.accessKeys.length === 0 && guardian === 'module'
        ? new AnonymousCallers(http, listeningAt)
        : undefined;
  }

  /** Logs, once, that callers of other machines are refused for want of keys. */
  announce(logger: Logger): void {
    if (this.announced || this.anonymous === undefined || this.allowsAnonymous) return;
    this.announced = true;
    logger.warn({}, 'There are no access keys (AI_API_KEYS): callers on this machine alone are answered');
  }

  /** Whether a request with these headers may call a route. A key in the URL is not looked at. */
  judge(request: JudgedRequest, access: RouteAccess): AccessVerdict {
    if (access === 'anyone') return ALLOWED_TO_ANYONE;
    if (this.keys.size === 0 || access === 'any-page') {
      const reason = this.anonymous?.refusal(request);
      return reason === undefined ? ALLOWED_TO_ANYONE : { kind: 'forbidden', reason };
    }
    const key = this.find((request[SECRET] ??= presentedSecret(request.headers)));
    if (key === undefined) return NO_KEY;
    if (ALLOWED[access].includes(key.role)) return { kind: 'allowed', caller: key };
    return { kind: 'forbidden', reason: `The role ${key.role} of this key may not do that` };
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
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'];
  return typeof key === 'string' ? key : '';
}
