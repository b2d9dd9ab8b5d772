import type { IncomingMessage } from 'node:http';
import type { HttpConfig } from '../infra/http-server/http.config.js';
import type { Logger } from '../infra/logging/logger.interface.js';
import type { AccessRole } from './access-role.js';
import type { AccessConfig } from './access.config.js';
import type { RouteAccess } from './access.decorators.js';
import { AnonymousCallers, type ListeningAddress } from './anonymous-callers.js';
import type { Principal } from './principal.interface.js';
import type { IdentifiableRequest, PrincipalService } from './principal.service.js';

/** Roles that may call a route declared for the role of the name. */
const ALLOWED: Readonly<Record<Exclude<RouteAccess, 'anyone' | 'any-page'>, readonly AccessRole[]>> = {
  admin: ['admin'],
  client: ['admin', 'client'],
  monitor: ['admin', 'monitor'],
  'any-role': ['admin', 'client', 'monitor'],
};

/** Who guards the routes while there are no keys: this module, or the application that it is mounted in. */
export type RouteGuardian = 'module' | 'host';

export type AccessDecision =
  | { kind: 'allowed'; principal: Principal | undefined }
  | { kind: 'unauthenticated'; reason: string }
  | { kind: 'forbidden'; reason: string };

/** A request as Node has it, which is judged at the edge and again at its route. */
type JudgedRequest = IdentifiableRequest & Pick<IncomingMessage, 'method' | 'socket'>;

const ALLOWED_TO_ANYONE: AccessDecision = { kind: 'allowed', principal: undefined };
const NO_KEY: AccessDecision = {
  kind: 'unauthenticated',
  reason: 'A valid key is needed: Authorization: Bearer …, x-api-key or x-goog-api-key',
};

/** Decides who may call a route: principals by their role, and where there is none anybody by where the caller is. */
export class AccessPolicy {
  private readonly anonymous: AnonymousCallers | undefined;
  private readonly allowsAnonymous: boolean;
  private announced = false;

  constructor(
    private readonly principals: PrincipalService,
    http: AccessConfig & Pick<HttpConfig, 'corsOrigins'>,
    guardian: RouteGuardian,
    listeningAt: ListeningAddress,
  ) {
    this.allowsAnonymous = http.allowAnonymous;
    this.anonymous =
      principals.isEmpty && guardian === 'module' ? new AnonymousCallers(http, listeningAt) : undefined;
  }

  /** Logs, once, that callers of other machines are refused for want of keys. */
  announce(logger: Logger): void {
    if (this.announced || this.anonymous === undefined || this.allowsAnonymous) return;
    this.announced = true;
    logger.warn({}, 'There are no access keys (AI_API_KEYS): callers on this machine alone are answered');
  }

  /** Whether a request with these headers may call a route. A key in the URL is not looked at. */
  judge(request: JudgedRequest, access: RouteAccess): AccessDecision {
    if (access === 'anyone') return ALLOWED_TO_ANYONE;
    if (this.principals.isEmpty || access === 'any-page') {
      const reason = this.anonymous?.refusal(request);
      return reason === undefined ? ALLOWED_TO_ANYONE : { kind: 'forbidden', reason };
    }
    const principal = this.principals.resolve(request);
    if (principal === undefined) return NO_KEY;
    if (ALLOWED[access].includes(principal.role)) return { kind: 'allowed', principal };
    return { kind: 'forbidden', reason: `The role ${principal.role} of this key may not do that` };
  }
}
