import { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import { OwnRedis } from '../../integration/support/own-redis.js';
import { RunningService } from './running-service.js';

/** A service that runs one job at a time, the Redis that is its own, and a simulated vendor. */
export interface JobsService {
  redis: OwnRedis;
  service: RunningService;
  upstream: FakeUpstream;
}

/**
 * Starts them before a suite and stops them after it.
 * @param take gets them once they have started
 */
export function startJobsService(env: Record<string, string>, take: (started: JobsService) => void): void {
  let redis: OwnRedis;
  let upstream: FakeUpstream;
  let service: RunningService | undefined;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([OwnRedis.start(), FakeUpstream.start()]);
    service = await RunningService.start({ REDIS_URL: redis.url, AI_JOBS_CONCURRENCY: '1', ...env });
    take({ redis, service, upstream });
  }, 90_000);

  afterAll(async () => {
    await service?.stop();
    await Promise.all([redis.stop(), upstream.stop()]);
  }, 60_000);
}
