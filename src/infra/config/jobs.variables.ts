import { egressEntry } from './egress-entry.parser.js';
import { flag, integer, list, webhookSecret } from './value.parser.js';
import { open, optionalSecret } from './variable.js';

/** Completions that may wait. They need `REDIS_URL`. */
export const JOBS_VARIABLES = {
  AI_JOBS_WORKER: open(
    'jobs.worker',
    flag(),
    true,
    'false: this process takes jobs and leaves the work to others (npm run start:worker).',
  ),
  AI_JOBS_CONCURRENCY: open(
    'jobs.concurrency',
    integer(1, 10_000),
    10,
    'Jobs that one process works on at once.',
  ),
  AI_JOBS_RESULT_TTL_SECONDS: open(
    'jobs.resultTtlSeconds',
    integer(1, 31_536_000),
    86_400,
    'How long a job that has ended is kept, its result included.',
  ),
  AI_JOBS_MAX_WAITING: open(
    'jobs.maxWaiting',
    integer(1, 1_000_000),
    10_000,
    'Jobs of one caller that may be queued or worked on at once.',
  ),
  AI_JOBS_MAX_WAITING_BYTES: open(
    'jobs.maxWaitingBytes',
    integer(1, 1_000_000_000_000),
    67_108_864,
    'Bytes that the requests of these jobs may take in Redis.',
  ),
  AI_JOBS_WEBHOOK_ALLOW: open(
    'jobs.webhookAllow',
    list(egressEntry),
    [],
    'Private hosts or CIDRs, optionally with a port, that webhooks of jobs may be at in production; comma-separated.',
  ),
  AI_JOBS_WEBHOOK_SECRET: optionalSecret(
    'jobs.webhookSecret',
    webhookSecret(),
    'Signs the messages about ended jobs as Standard Webhooks says: whsec_ and 24 to 64 random bytes in Base64.',
  ),
} as const;
