import * as z from 'zod/mini';
import { host, integer, list, milliseconds, parsed, type Value } from '../config/value.schemas.js';
import { variable } from '../config/variable.js';

const origin: Value<string> = {
  expected: 'an origin such as https://app.example.com, or *',
  schema: parsed((raw) => {
    const text = raw.trim().toLowerCase();
    if (text === '*') return text;
    return URL.canParse(text) && new URL(text).origin === text ? text : undefined;
  }),
};

/** Where the service listens and how long callers may take. A host application listens by itself. */
export const httpConfig = z.strictObject({
  port: variable('PORT', integer(0, 65535), 3000, 'Port to listen on; 0 takes a free one.'),
  host: variable(
    'HOST',
    host(),
    '127.0.0.1',
    'Address to listen on; anything but loopback needs AI_API_KEYS.',
  ),
  workers: variable(
    'WORKERS',
    integer(1, 64),
    1,
    'Processes that share the port, one a core; more than 1 needs DATABASE_URL and REDIS_URL.',
  ),
  corsOrigins: variable(
    'AI_CORS_ORIGINS',
    list(origin),
    [],
    'Origins whose web pages may call the API, as https://app.example.com, or * for all; comma-separated.',
  ),
  bodyLimitBytes: variable(
    'AI_BODY_LIMIT_BYTES',
    integer(1, 1_073_741_824),
    10_485_760,
    'Largest request body in bytes; less where the memory of the process is too small for it.',
  ),
  requestTimeoutMs: variable(
    'AI_REQUEST_TIMEOUT_MS',
    milliseconds(100),
    60_000,
    'Longest time that a caller may take to send a request, head and body; then it is answered 408.',
  ),
  shutdownTimeoutMs: variable(
    'AI_SHUTDOWN_TIMEOUT_MS',
    milliseconds(0),
    30_000,
    'How long a stop waits for requests in flight.',
  ),
  keepAliveMs: variable(
    'AI_SSE_KEEPALIVE_MS',
    milliseconds(),
    15_000,
    'Silence after which an open stream gets a comment line.',
  ),
});
export type HttpConfig = Readonly<z.output<typeof httpConfig>>;
