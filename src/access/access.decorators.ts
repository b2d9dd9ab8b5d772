import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { AccessRole } from './access-role.js';

/**
 * Who may call a route: a role and those above it, every caller with a key, or anyone. `any-page` is for what a browser
 * shows before it has a key: it needs none, but while there are no keys at all it is for this machine, as the rest.
 */
export type RouteAccess = AccessRole | 'any-role' | 'any-page' | 'anyone';

export const ROUTE_ACCESS = 'ai-providers:route-access';

/** Nest's key for the `config` of a Fastify route (`RouteConfig` of @nestjs/platform-fastify, which an Express host lacks). */
const FASTIFY_ROUTE_CONFIG = '__fastify_route_config__';

/** The `config` that `Access` gives a Fastify route. */
export interface AccessRouteConfig {
  access?: RouteAccess;
}

/**
 * Declares who may call a route: for the guard at the route, and on Fastify for the hook that refuses a request before its
 * body is read. A route without it does not start.
 */
export const Access = (access: RouteAccess): MethodDecorator =>
  applyDecorators(
    SetMetadata(ROUTE_ACCESS, access),
    SetMetadata(FASTIFY_ROUTE_CONFIG, { access } satisfies AccessRouteConfig),
  );
