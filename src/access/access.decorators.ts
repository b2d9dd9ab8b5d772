import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { AccessRole } from '../infra/config/app-config.interface.js';

/**
 * Who may call a route: a role and those above it, whoever has a key, or anyone. `any-page` is for what a browser shows
 * before it has a key: it needs none, but while there are no keys at all it is for this machine, as the rest.
 */
export type RouteAccess = AccessRole | 'any-role' | 'any-page' | 'anyone';

export const ROUTE_ACCESS = 'ai-providers:route-access';

/** Declares who may call a route or all routes of a controller. A route without it does not start. */
export const Access = (access: RouteAccess): CustomDecorator => SetMetadata(ROUTE_ACCESS, access);
