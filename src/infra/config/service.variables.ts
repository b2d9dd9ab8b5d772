import leven from 'leven';
import { databaseUrl } from './database-url.parser.js';
import { accessKeyList } from './access-key.parser.js';
import { LOG_LEVELS } from './app-config.interface.js';
import { flag, host, integer, list, milliseconds, oneOf, text, url } from './value.parser.js';
import type { ValueParser } from './value.parser.js';
import { open, optionalSecret, secret } from './variable.js';

/** So many letters may be wrong in a word that was meant to be `production`. */
const TYPING_ERRORS = 3;

/** A word that was meant to be `production` must not start a service without its safeguards. */
const environmentName: ValueParser<boolean> = {
  expected: 'production, development, test or a word that is not nearly production',
  parse: (raw) => {
    const word = raw.trim().toLowerCase();
    if (word === 'production') return true;
    const isNearly = /^(prd|prod|live)/.test(word) || leven(word, 'production') <= TYPING_ERRORS;
    return /^[\w-]+$/.test(word) && !isNearly ? false : undefined;
  },
};

const hostName: ValueParser<string> = {
  expected: 'a host name or an IP address, without a port',
  parse: (raw) => host().parse(raw)?.toLowerCase(),
};

const origin: ValueParser<string> = {
  expected: 'an origin such as https://app.example.com, or *',
  parse: (raw) => {
    const text = raw.trim().toLowerCase();
    if (text === '*') return text;
    return URL.canParse(text) && new URL(text).origin === text ? text : undefined;
  },
};

/** The process and its APIs: where it listens, who may ask, where it keeps things. */
export const SERVICE_VARIABLES = {
  NODE_ENV: open(
    'production',
    environmentName,
    false,
    '"production" makes the encryption key and safe egress mandatory.',
  ),
  PORT: open('http.port', integer(0, 65535), 3000, 'Port to listen on; 0 takes a free one.'),
  HOST: open(
    'http.host',
    host(),
    '127.0.0.1',
    'Address to listen on; anything but loopback needs AI_API_KEYS.',
  ),
  WORKERS: open(
    'http.workers',
    integer(1, 64),
    1,
    'Processes that share the port, one a core; more than 1 needs DATABASE_URL and REDIS_URL.',
  ),
  LOG_LEVEL: open(
    'logLevel',
    oneOf(LOG_LEVELS),
    'info',
    `Least severe level logged: ${LOG_LEVELS.join(', ')}.`,
  ),
  DATABASE_URL: optionalSecret(
    'databaseUrl',
    databaseUrl,
    'PostgreSQL, as postgresql://…, its schema as ?schema=…; unset, an embedded one under AI_DATA_DIR.',
  ),
  AI_DATA_DIR: open(
    'dataDir',
    text('a path'),
    '.data',
    'Folder of the embedded database, the generated key and the journal.',
  ),
  AI_JOURNAL_MAX_BYTES: open(
    'journalMaxBytes',
    integer(65_536, 1_099_511_627_776),
    268_435_456,
    'Most disk for requests that are not in the database yet; beyond it they go unrecorded.',
  ),
  AI_LOG_RETENTION_DAYS: open(
    'logRetentionDays',
    integer(1, 36_500),
    30,
    'Days for which every single request is kept; totals stay.',
  ),
  REDIS_URL: optionalSecret(
    'redisUrl',
    url(['redis', 'rediss']),
    'One Redis, redis://… or rediss://…, no cluster, for cache, shared state and jobs; unset: no jobs, the rest stays here.',
  ),
  AI_API_KEYS: secret(
    'http.accessKeys',
    accessKeyList,
    [],
    'Who may use the HTTP API: name:role:secret, comma-separated; role admin, client or monitor.',
  ),
  AI_ALLOW_ANONYMOUS: open(
    'http.allowAnonymous',
    flag(),
    false,
    'true lets it listen beyond loopback without AI_API_KEYS.',
  ),
  AI_ALLOWED_HOSTS: open(
    'http.allowedHosts',
    list(hostName),
    [],
    'Names beside localhost that a Host header may say while it listens on loopback without AI_API_KEYS; comma-separated.',
  ),
  AI_CORS_ORIGINS: open(
    'http.corsOrigins',
    list(origin),
    [],
    'Origins whose web pages may call the API, as https://app.example.com, or * for all; comma-separated.',
  ),
  AI_BODY_LIMIT_BYTES: open(
    'http.bodyLimitBytes',
    integer(1, 1_073_741_824),
    10_485_760,
    'Largest request body in bytes; less where the memory of the process is too small for it.',
  ),
  AI_REQUEST_TIMEOUT_MS: open(
    'http.requestTimeoutMs',
    milliseconds(100),
    60_000,
    'Longest time that a caller may take to send a request, head and body; then it is answered 408.',
  ),
  AI_SHUTDOWN_TIMEOUT_MS: open(
    'http.shutdownTimeoutMs',
    milliseconds(0),
    30_000,
    'How long a stop waits for requests in flight.',
  ),
  AI_SSE_KEEPALIVE_MS: open(
    'http.keepAliveMs',
    milliseconds(),
    15_000,
    'Silence after which an open stream gets a comment line.',
  ),
} as const;
