import { ROUTING_STRATEGIES, STREAM_RECOVERIES } from './app-config.interface.js';
import { decimal, integer, milliseconds, oneOf } from './value.parser.js';
import { open } from './variable.js';

/** How one request is served: cache, order of providers, waiting, deadlines, retries. */
export const REQUEST_VARIABLES = {
  AI_CACHE_TTL_SECONDS: open(
    'cache.ttlSeconds',
    integer(0, 31_536_000),
    300,
    'How long an answer is cached; 0 turns caching off.',
  ),
  AI_CACHE_MAX_TTL_SECONDS: open(
    'cache.maxTtlSeconds',
    integer(1, 31_536_000),
    86_400,
    'Longest time for which a request may have its answer cached.',
  ),
  AI_CACHE_MAX_BYTES: open(
    'cache.maxBytes',
    integer(65_536, 1_099_511_627_776),
    67_108_864,
    'Most memory for cached answers without Redis; what was used longest ago goes first.',
  ),
  AI_ROUTING_STRATEGY: open(
    'routingStrategy',
    oneOf(ROUTING_STRATEGIES),
    'priority',
    `Order among providers of equal priority: ${ROUTING_STRATEGIES.join(', ')}.`,
  ),
  AI_STREAM_RECOVERY: open(
    'streamRecovery',
    oneOf(STREAM_RECOVERIES),
    'splice',
    'How a cut stream goes on: splice, prefill or off.',
  ),
  AI_STREAM_OPEN_AFTER_MS: open(
    'streams.openAfterMs',
    milliseconds(),
    20_000,
    "Silence after which a stream's head goes out before its first content.",
  ),
  AI_STREAM_READER_TIMEOUT_MS: open(
    'streams.readerTimeoutMs',
    milliseconds(),
    60_000,
    'How long the reader of a stream may take nothing before the stream is ended.',
  ),
  AI_QUEUE_MAX_WAIT_MS: open(
    'queue.maxWaitMs',
    milliseconds(0),
    30_000,
    'Longest wait for a rate limit where the request names no timeout.',
  ),
  AI_QUEUE_MAX_SIZE: open('queue.maxSize', integer(0, 1_000_000), 1000, 'Requests that may wait at once.'),
  AI_QUEUE_MAX_PER_CALLER: open(
    'queue.maxPerCaller',
    integer(1, 1_000_000),
    500,
    'Requests of one access key that may wait at once.',
  ),
  AI_CONNECT_TIMEOUT_MS: open(
    'deadlines.connectTimeoutMs',
    milliseconds(),
    5000,
    'Time to connect to a vendor.',
  ),
  AI_FIRST_TOKEN_TIMEOUT_MS: open(
    'deadlines.firstTokenTimeoutMs',
    milliseconds(),
    12_000,
    "Time to a stream's first content, while another provider is left; 5 min for a model that may think.",
  ),
  AI_IDLE_TIMEOUT_MS: open(
    'deadlines.idleTimeoutMs',
    milliseconds(),
    15_000,
    'Silence between two events of a stream; 5 min for a model that may think.',
  ),
  AI_RETRY_MAX_ATTEMPTS: open(
    'retry.maxAttempts',
    integer(1, 10),
    3,
    'Tries on one provider, the first included.',
  ),
  AI_RETRY_INITIAL_DELAY_MS: open(
    'retry.initialDelayMs',
    milliseconds(0),
    1000,
    'Upper bound of the first backoff.',
  ),
  AI_RETRY_MAX_DELAY_MS: open(
    'retry.maxDelayMs',
    milliseconds(0),
    10_000,
    'Upper bound of any backoff, and longest Retry-After that is waited for.',
  ),
  AI_RETRY_BACKOFF_MULTIPLIER: open(
    'retry.backoffMultiplier',
    decimal(1, 100),
    2,
    'Growth of the backoff from try to try.',
  ),
} as const;
