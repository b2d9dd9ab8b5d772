import type { Server } from 'node:net';
import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AccessPolicy, type RouteGuardian } from './access/access-policy.js';
import { EnvironmentKeys } from './access/environment-keys.js';
import { PrincipalService } from './access/principal.service.js';
import { APP_CONFIG } from './infra/config/config.token.js';
import type { HttpConfig } from './infra/http-server/http.config.js';
import type { AccessConfig } from './access/access.config.js';
import type { RedisConfig } from './infra/redis/redis.config.js';
import { HostLogger } from './infra/logging/host.logger.js';
import { LOGGER, type Logger } from './infra/logging/logger.interface.js';
import type { RedisLink } from './infra/redis/redis-link.js';
import { REDIS } from './infra/redis/redis.token.js';

/** Token under which Nest injects the `RouteGuardian`. */
export const ROUTE_GUARDIAN = Symbol('RouteGuardian');

/**
 * What a module and those that it configures have in common: the configuration, the log, the connection to Redis. Its
 * imports and providers are those that `APP_CONFIG` is made from.
 */
@Module({
  providers: [
    { provide: LOGGER, useClass: HostLogger },
    { provide: ROUTE_GUARDIAN, useValue: 'module' },
    {
      provide: PrincipalService,
      inject: [APP_CONFIG],
      useFactory: ({ http }: { readonly http: AccessConfig }): PrincipalService =>
        new PrincipalService([new EnvironmentKeys(http.accessKeys)]),
    },
    {
      provide: AccessPolicy,
      inject: [PrincipalService, APP_CONFIG, ROUTE_GUARDIAN, HttpAdapterHost],
      useFactory: (
        principals: PrincipalService,
        { http }: { readonly http: HttpConfig & AccessConfig },
        guardian: RouteGuardian,
        host: HttpAdapterHost,
      ): AccessPolicy =>
        new AccessPolicy(principals, http, guardian, () =>
          (host.httpAdapter.getHttpServer() as Server).address(),
        ),
    },
    {
      provide: REDIS,
      inject: [APP_CONFIG, LOGGER],
      useFactory: async ({ redisUrl }: RedisConfig, logger: Logger): Promise<RedisLink | null> => {
        if (redisUrl === undefined) return null;
        // Loading the Redis client takes a quarter of a second of CPU, so it is loaded only where a Redis is configured.
        const { RedisLink } = await import('./infra/redis/redis-link.js');
        const link = new RedisLink(redisUrl, logger);
        await link.open();
        return link;
      },
    },
  ],
  exports: [APP_CONFIG, LOGGER, REDIS, PrincipalService, AccessPolicy],
})
export class FoundationModule {
  static of({ imports, providers }: Pick<DynamicModule, 'imports' | 'providers'>): DynamicModule {
    return { module: FoundationModule, imports: imports ?? [], providers: providers ?? [] };
  }
}
