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
import { AccessPolicy, type AccessCaller } from './access-policy.js';

const CALLER = Symbol('caller');

type AuthenticatedRequest = HostRequest & { [CALLER]?: AccessCaller };

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
    const verdict = this.policy.judge(rawRequest(request), access);
    if (verdict.kind === 'unauthenticated') throw new UnauthorizedException(verdict.reason);
    if (verdict.kind === 'forbidden') throw new ForbiddenException(verdict.reason);
    if (verdict.caller !== undefined) request[CALLER] = verdict.caller;
    return true;
  }
}

/** Name of the access key that a request came with; undefined where none is needed. */
export function callerOf(request: HostRequest): string | undefined {
  return (request as AuthenticatedRequest)[CALLER]?.name;
}

/** Whether a request may see what is another caller's: it came with a key of the role admin, or none is needed. */
export function seesAll(request: HostRequest): boolean {
  const caller = (request as AuthenticatedRequest)[CALLER];
  return caller === undefined || caller.role === 'admin';
}
