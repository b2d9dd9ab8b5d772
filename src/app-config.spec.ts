import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { APP_VARIABLES, loadConfig } from './app-config.js';
import { ConfigError } from './infra/config/config.error.js';
import { MAX_TIMER_MS } from './infra/config/value.schemas.js';
import { defaultProvidersOf } from './modules/ai-providers/registry/vendor.config.js';
import { RETRY_DEFAULTS } from './modules/ai-providers/services/ai-request-manager.service.js';
import { CIRCUIT_BREAKER_DEFAULTS } from './modules/ai-providers/services/circuit-breaker.service.js';

const NAMES = APP_VARIABLES.map(({ name }) => name);

const KEY = 'k'.repeat(32);
const IV = 'i'.repeat(16);

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const problems = (env: NodeJS.ProcessEnv): readonly string[] => problemsOf(() => loadConfig(env));

describe('loadConfig', () => {
  it('gives the documented defaults for an empty environment', () => {
    const { dataDir, ...rest } = loadConfig({});
    expect(isAbsolute(dataDir)).toBe(true);
    expect(dataDir.endsWith('.data')).toBe(true);
    expect(rest).toEqual({
      production: false,
      http: {
        port: 3000,
        host: '127.0.0.1',
        workers: 1,
        bodyLimitBytes: 10 * 1024 * 1024,
        allowAnonymous: false,
        accessKeys: [],
        allowedHosts: [],
        corsOrigins: [],
        requestTimeoutMs: 60_000,
        shutdownTimeoutMs: 30_000,
        keepAliveMs: 15_000,
      },
      databaseUrl: undefined,
      redisUrl: undefined,
      encryption: { key: undefined, iv: undefined, previous: [] },
      defaultProviders: {
        openai: { apiKey: undefined, model: 'gpt-5.4-mini' },
        anthropic: { apiKey: undefined, model: 'claude-haiku-4-5' },
        google: { apiKey: undefined, model: 'gemini-3.5-flash' },
      },
      cache: { ttlSeconds: 300, maxTtlSeconds: 86_400, maxBytes: 67_108_864 },
      jobs: {
        worker: true,
        concurrency: 10,
        resultTtlSeconds: 86_400,
        maxWaiting: 10_000,
        maxWaitingBytes: 67_108_864,
        webhookAllow: [],
        webhookSecret: undefined,
      },
      telemetry: { endpoint: undefined, serviceName: 'ai-providers' },
      routingStrategy: 'priority',
      streamRecovery: 'splice',
      streams: { openAfterMs: 20_000, readerTimeoutMs: 60_000 },
      queue: { maxWaitMs: 30_000, maxSize: 1000, maxPerCaller: 500 },
      deadlines: { connectTimeoutMs: 5000, firstTokenTimeoutMs: 12_000, idleTimeoutMs: 15_000 },
      breaker: CIRCUIT_BREAKER_DEFAULTS,
      retry: RETRY_DEFAULTS,
      alerts: {
        errorRateCritical: 50,
        errorRateWarning: 20,
        latencyMs: 10_000,
        cost: 100,
        minRequests: 5,
        checkIntervalMs: 30_000,
        webhookUrl: undefined,
        webhookSecret: undefined,
      },
      egressAllow: [],
      journalMaxBytes: 268_435_456,
      logRetentionDays: 30,
      logLevel: 'info',
    });
  });

  it('takes an empty or blank variable as unset', () => {
    const blank = Object.fromEntries(NAMES.map((name, index) => [name, index % 2 === 0 ? '' : '  ']));
    expect(loadConfig(blank)).toEqual(loadConfig({}));
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '10abc'],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['HOST', 'not a host'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'postgresql://host:port/x'],
    ['REDIS_URL', 'localhost:6379'],
    ['AI_ENCRYPTION_KEY_PREVIOUS', 'short'],
    ['AI_API_KEYS', 'ops:root:abc'],
    ['AI_API_KEYS', 'ops:admin:'],
    ['AI_API_KEYS', 'ops:admin:one,ops:client:two'],
    ['AI_API_KEYS', 'ops:admin:one,app:client:one'],
    ['AI_ALLOW_ANONYMOUS', 'yes please'],
    ['AI_EGRESS_ALLOW', '10.0.0.0/99'],
    ['AI_CACHE_TTL_SECONDS', '-5'],
    ['AI_ROUTING_STRATEGY', 'random'],
    ['AI_STREAM_RECOVERY', 'on'],
    ['AI_RETRY_BACKOFF_MULTIPLIER', '0.5'],
    ['AI_ALERT_ERROR_RATE_CRITICAL', '101'],
    ['AI_BREAKER_TIMEOUT_MS', String(MAX_TIMER_MS + 1)],
  ])('refuses %s=%s with one line that names it', (name, value) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: expected .`))]);
  });

  it('reports every bad variable at once, one line each', () => {
    expect(() => loadConfig({ PORT: 'x', AI_QUEUE_MAX_SIZE: 'y' })).toThrow(
      /^PORT: expected [^\n]+\nAI_QUEUE_MAX_SIZE: expected [^\n]+$/,
    );
  });

  it('never repeats a value in its message, whatever the variable and the value', () => {
    const value = fc.stringMatching(/^[#~|^]{6,40}$/);
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), value, (name, bad) => {
        expect(problems({ [name]: bad }).join('\n')).not.toContain(bad);
      }),
    );
  });

  it.each([
    [
      { AI_RETRY_INITIAL_DELAY_MS: '20000' },
      'AI_RETRY_INITIAL_DELAY_MS: expected no more than AI_RETRY_MAX_DELAY_MS',
    ],
    [
      { AI_ALERT_ERROR_RATE_WARNING: '60' },
      'AI_ALERT_ERROR_RATE_WARNING: expected no more than AI_ALERT_ERROR_RATE_CRITICAL',
    ],
  ])('refuses numbers that contradict each other: %j', (env, line) => {
    expect(problems(env)).toEqual([line]);
  });

  it('refuses several workers without what they share', () => {
    const shared = { DATABASE_URL: 'postgresql://localhost/x', REDIS_URL: 'redis://localhost' };
    expect(problems({ WORKERS: '2', ...shared })).toEqual([]);
    expect(problems({ WORKERS: '2' })).toEqual([
      expect.stringMatching(/^DATABASE_URL: expected a URL when WORKERS is more than 1/),
      expect.stringMatching(/^REDIS_URL: expected a URL when WORKERS is more than 1/),
    ]);
  });

  it('says nothing of a contradiction with a number that could not be read', () => {
    expect(problems({ AI_RETRY_INITIAL_DELAY_MS: '20000', AI_RETRY_MAX_DELAY_MS: 'x' })).toHaveLength(1);
  });

  it('registers a default provider for each vendor key that is set, with its model', () => {
    const { defaultProviders } = loadConfig({
      OPENAI_API_KEY: ' sk-test-1 ',
      GOOGLE_AI_API_KEY: 'g-2',
      GOOGLE_AI_MODEL: 'gemini-x',
    });
    expect(
      defaultProvidersOf(defaultProviders).map(({ apiKey, ...rest }) => ({ ...rest, key: apiKey.reveal() })),
    ).toEqual([
      {
        origin: 'env:OPENAI_API_KEY',
        name: 'OpenAI',
        type: 'OPENAI',
        model: 'gpt-5.4-mini',
        key: 'sk-test-1',
      },
      { origin: 'env:GOOGLE_AI_API_KEY', name: 'Google AI', type: 'GOOGLE', model: 'gemini-x', key: 'g-2' },
    ]);
  });

  it('keeps of an access key its name, role and hash; the secret may hold colons', () => {
    const config = loadConfig({ AI_API_KEYS: 'ops:admin:a:b:c-0123456789ab, app:client:xyz-0123456789ab,' });
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect(config.http.accessKeys).toEqual([
      { name: 'ops', role: 'admin', secretSha256: sha('a:b:c-0123456789ab') },
      { name: 'app', role: 'client', secretSha256: sha('xyz-0123456789ab') },
    ]);
    expect(inspect(config, { depth: null })).not.toContain('xyz-');
  });
});

describe('loadConfig and the address of the database', () => {
  const urlOf = (query: string): string => `postgresql://u:p@localhost:5432/db${query}`;

  it.each(['', '?schema=ai', '?sslmode=require&application_name=ai'])('takes it with "%s"', (query) => {
    expect(loadConfig({ DATABASE_URL: urlOf(query) }).databaseUrl).toBe(urlOf(query));
  });

  it.each(['?schemas=ai', '?connection_limit=5', '?constructor=1'])(
    'refuses what nobody would heed: %s',
    (query) => {
      expect(problems({ DATABASE_URL: urlOf(query) })).toEqual([
        expect.stringMatching(/^DATABASE_URL: expected .* its parameters none but schema, sslmode, /),
      ]);
    },
  );
});

describe('loadConfig and the encryption key', () => {
  it('requires key and IV in production', () => {
    expect(problems({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^AI_ENCRYPTION_KEY: expected 32 to 64 characters/),
      expect.stringMatching(/^AI_ENCRYPTION_IV: expected 16 to 64 characters/),
    ]);
    expect(problems({ NODE_ENV: 'production', AI_ENCRYPTION_KEY: KEY, AI_ENCRYPTION_IV: IV })).toEqual([]);
  });

  it('lets a command that reads no key start without them', () => {
    const config = loadConfig({ NODE_ENV: 'production' }, {}, { requireEncryption: false });
    expect(config.encryption.key).toBeUndefined();
  });

  it('refuses one without the other, and a wrong length with one line', () => {
    expect(problems({ AI_ENCRYPTION_KEY: KEY })).toEqual([expect.stringMatching(/^AI_ENCRYPTION_IV: /)]);
    expect(problems({ AI_ENCRYPTION_IV: IV })).toEqual([expect.stringMatching(/^AI_ENCRYPTION_KEY: /)]);
    expect(problems({ AI_ENCRYPTION_KEY: `${KEY}${KEY}x`, AI_ENCRYPTION_IV: IV })).toEqual([
      'AI_ENCRYPTION_KEY: expected 32 to 64 characters',
    ]);
  });

  it('reads any list of previous keys back, commas within the keys included', () => {
    const key = fc.stringMatching(/^[!-~]{32}$/);
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), (keys) => {
        expect(loadConfig({ AI_ENCRYPTION_KEY_PREVIOUS: keys.join(',') }).encryption.previous).toEqual(keys);
      }),
    );
  });
});

describe('loadConfig with overrides', () => {
  it('puts them before the environment', () => {
    const config = loadConfig(
      { PORT: '4000', AI_BREAKER_TIMEOUT_MS: '1' },
      {
        production: true,
        http: { port: 5000, accessKeys: [{ name: 'a', role: 'client', secret: 's:1-0123456789abcdef' }] },
        breaker: { timeoutMs: 7 },
        egressAllow: ['localhost:11434', '10.0.0.0/8'],
        encryption: { key: KEY, iv: IV },
        defaultProviders: { openai: { apiKey: 'sk-1', model: 'm' } },
        redisUrl: undefined,
      },
    );
    expect(config).toMatchObject({
      production: true,
      http: { port: 5000, accessKeys: [{ name: 'a', role: 'client' }] },
      breaker: { timeoutMs: 7, failureThreshold: 5 },
      egressAllow: ['localhost:11434', '10.0.0.0/8'],
      defaultProviders: { openai: { model: 'm' } },
    });
  });

  it('takes null as the default, whatever the environment says', () => {
    expect(loadConfig({ REDIS_URL: 'redis://localhost' }, { redisUrl: null }).redisUrl).toBeUndefined();
  });

  it('judges them by the same rules and names the setting', () => {
    const bad = { retry: { maxAttempts: 99, initialDelayMs: NaN }, http: { port: 1.5 } };
    expect(problemsOf(() => loadConfig({}, bad))).toEqual([
      expect.stringMatching(/^forRoot http\.port: expected a whole number/),
      expect.stringMatching(/^forRoot retry\.maxAttempts: expected a whole number from 1 to 10/),
      expect.stringMatching(/^forRoot retry\.initialDelayMs: expected /),
    ]);
  });

  it('refuses a setting that does not exist', () => {
    const unknown = { breaker: { timeout: 5 }, colour: 'red' } as object;
    expect(problemsOf(() => loadConfig({}, unknown))).toEqual([
      'forRoot breaker.timeout: there is no such setting',
      'forRoot colour: there is no such setting',
    ]);
  });

  it('refuses an access key whose name would be read back as another role', () => {
    const http = { accessKeys: [{ name: 'a:admin', role: 'client', secret: 's' } as const] };
    expect(problemsOf(() => loadConfig({}, { http }))).toHaveLength(1);
  });
});
