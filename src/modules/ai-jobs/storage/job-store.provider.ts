import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { RedisConfig } from '../../../infra/redis/redis.config.js';
import type { JobsConfig } from '../jobs.config.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { withPackages } from '../../../infra/optional-packages.js';
import type { JobStore } from './job.store.js';

/** Token under which Nest injects the `JobStore`, or null where no Redis is configured. */
export const JOB_STORE = Symbol('JobStore');

/** BullMQ, which takes a second and 30 MB to load, is loaded where there is a Redis for it. */
export const JOB_STORE_PROVIDER: FactoryProvider<JobStore | null> = {
  provide: JOB_STORE,
  inject: [APP_CONFIG, LOGGER],
  useFactory: async ({ redisUrl, jobs }: RedisConfig & { readonly jobs: JobsConfig }, logger: Logger) => {
    if (redisUrl === undefined) return null;
    const [{ QueueConnection }, { JobStore }] = await withPackages('Jobs on Redis', () =>
      Promise.all([import('../../../infra/redis/queue-connection.js'), import('./job.store.js')]),
    );
    const { resultTtlSeconds, maxWaiting, maxWaitingBytes } = jobs;
    const bounds = { jobs: maxWaiting, bytes: maxWaitingBytes };
    return new JobStore(new QueueConnection(redisUrl, logger), resultTtlSeconds, bounds);
  },
};
