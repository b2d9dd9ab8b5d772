import * as z from 'zod/mini';
import { integer, milliseconds } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';

/** How many requests may wait for a rate limit, and how long. */
export const queueConfig = z.strictObject({
  maxWaitMs: variable(
    'AI_QUEUE_MAX_WAIT_MS',
    milliseconds(0),
    30_000,
    'Longest wait for a rate limit where the request names no timeout.',
  ),
  maxSize: variable(
    'AI_QUEUE_MAX_SIZE',
    integer(0, 1_000_000),
    1000,
    'Requests that may wait at once; 0: none waits.',
  ),
  maxPerCaller: variable(
    'AI_QUEUE_MAX_PER_CALLER',
    integer(1, 1_000_000),
    500,
    'Requests of one access key that may wait at once.',
  ),
});
export type QueueConfig = Readonly<z.output<typeof queueConfig>>;
