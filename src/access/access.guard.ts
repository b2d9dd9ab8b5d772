import {
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  rawRequest,
  requestIdOf,
  type HostRequest,
  type HostResponse,
} from '../infra/http-server/raw-exchange.js';
import { LOGGER, type Logger } from '../infra/logging/logger.interface.js';
import { ROUTE_ACCESS, type RouteAccess } from './access.decorators.js';
import { AccessPolicy } from './access-policy.js';
import type { Principal } from './principal.interface.js';

const PRINCIPAL = Symbol('principal');

type AuthenticatedRequest = HostRequest & { [PRINCIPAL]?: Principal };

/** Lets a request through to its route if the key it carries has a role that may; gives every exchange its id. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly policy: AccessPolicy,
    @Inject(LOGGER) logger: Logger,
  ) {
    policy.announce(logger);
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    requestIdOf(request, http.getResponse<HostResponse>());
    const access = this.reflector.get<RouteAccess | undefined>(ROUTE_ACCESS, context.getHandler());
    if (access === undefined) throw new Error('The route declares no access');
    const decision = this.policy.judge(rawRequest(request), access);
    if (decision.kind === 'unauthenticated') throw new UnauthorizedException(decision.reason);
    if (decision.kind === 'forbidden') throw new ForbiddenException(decision.reason);
    if (decision.principal !== undefined) request[PRINCIPAL] = decision.principal;
    return true;
  }
}

/** Who sent a request; undefined where no key is needed. */
export function principalOf(request: HostRequest): Principal | undefined {
  return (request as AuthenticatedRequest)[PRINCIPAL];
}

/** Whether a request may see what belongs to other principals: its own has the role admin, or none is needed. */
export function seesAll(request: HostRequest): boolean {
  const principal = principalOf(request);
  return principal === undefined || principal.role === 'admin';
}
