import * as z from 'zod/mini';
import { flag, integer, list, webhookSecret } from '../../infra/config/value.schemas.js';
import { optionalSecret, variable } from '../../infra/config/variable.js';
import { egressEntry } from '../../infra/http-client/egress-entry.value.js';

/** Completions that may wait. They need `REDIS_URL`. */
export const jobsConfig = z.strictObject({
  worker: variable(
    'AI_JOBS_WORKER',
    flag(),
    true,
    'false: this process takes jobs and leaves the work to others (npm run start:worker).',
  ),
  concurrency: variable(
    'AI_JOBS_CONCURRENCY',
    integer(1, 10_000),
    10,
    'Jobs that one process works on at once.',
  ),
  resultTtlSeconds: variable(
    'AI_JOBS_RESULT_TTL_SECONDS',
    integer(1, 31_536_000),
    86_400,
    'How long a job that has ended is kept, its result included.',
  ),
  maxWaiting: variable(
    'AI_JOBS_MAX_WAITING',
    integer(1, 1_000_000),
    10_000,
    'Jobs of one caller that may be queued or worked on at once.',
  ),
  maxWaitingBytes: variable(
    'AI_JOBS_MAX_WAITING_BYTES',
    integer(1, 1_000_000_000_000),
    67_108_864,
    'Bytes that the requests of these jobs may take in Redis.',
  ),
  webhookAllow: variable(
    'AI_JOBS_WEBHOOK_ALLOW',
    list(egressEntry),
    [],
    'Private hosts or CIDRs, optionally with a port, that webhooks of jobs may be at in production; comma-separated.',
  ),
  webhookSecret: optionalSecret(
    'AI_JOBS_WEBHOOK_SECRET',
    webhookSecret(),
    'Signs the messages about ended jobs as Standard Webhooks says: whsec_ and 24 to 64 random bytes in Base64.',
  ),
});
export type JobsConfig = Readonly<z.output<typeof jobsConfig>>;
