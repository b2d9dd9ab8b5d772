import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from '../integration/support/real-postgres.js';
import { hasServices } from '../services/with-services.js';
import { hasRegistry, pack, PackagedHost, type Packed } from './support/packaged-host.js';

const TIMEOUT_MS = 600_000;
const KEYS = { AI_ENCRYPTION_KEY: 'k'.repeat(32), AI_ENCRYPTION_IV: 'i'.repeat(16) };
const COMMAND = ['node_modules/ai-providers/dist/cli/ai-providers.js'];

const NODE16 = ['--module', 'node16', '--moduleResolution', 'node16'];
const BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler'];

const HOSTS = [
  {
    example: 'nest-11',
    express: ['dist/express.cjs'],
    fastify: ['dist/fastify.mjs'],
    resolutions: [NODE16, BUNDLER],
  },
  {
    example: 'nest-12',
    express: ['dist/express.mjs'],
    fastify: ['dist/fastify.cjs'],
    // Under node16 a CommonJS module cannot name Nest 12, which is of ECMAScript modules alone.
    resolutions: [BUNDLER],
  },
];

/** What a host gets only if it installs it. */
const HEAVY = ['@electric-sql/pglite', '@nestjs/swagger', '@opentelemetry/sdk-metrics', 'bullmq'];

/** A wrong use, which only declarations that are found can tell. */
const WRONG_USE = `import { AIError, type CompletionRequest } from 'ai-providers';
// @ts-expect-error a prompt is a text
export const request: CompletionRequest = { prompt: 1 };
// @ts-expect-error a code is one of a list
export const isCode = (error: AIError): boolean => error.code === 'NO_SUCH_CODE';
`;

let packed: Packed;
let upstream: FakeUpstream;
beforeAll(async () => {
  [packed, upstream] = await Promise.all([pack(), FakeUpstream.start()]);
}, TIMEOUT_MS);

afterAll(async () => {
  await packed?.drop();
  await upstream?.stop();
});

describe('The package', () => {
  it('has what a host and the commands need', () => {
    expect(packed.files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/cli/ai-providers.js',
        'dist/commonjs/index.d.ts',
        'dist/commonjs/index.js',
        'dist/index.d.ts',
        'dist/index.js',
        'dist/infra/prisma/embedded/embedded-postgres.worker.js',
        'package.json',
        'prisma/migrations/migration_lock.toml',
        'prisma/schema.prisma',
      ]),
    );
  });

  it('has no file of the development of it', () => {
    const known =
      /^(dist\/.+\.(js|d\.ts)|dist\/commonjs\/package\.json|prisma\/.+|LICENSE|README\.md|package\.json|\.env\.example)$/;
    const ours =
      /(^|\/)(test|tests|bench|demo|examples|scripts|node_modules)\/|\.(spec|conformance)\.|new-migration|write-openapi/;
    expect(packed.files.filter((path) => !known.test(path) || ours.test(path))).toEqual([]);
  });
});

const isPossible = (await hasRegistry()) && hasServices('PostgreSQL');
if (!isPossible) {
  process.stderr.write(
    'LEFT OUT: the package is not installed into hosts: no npm registry or no PostgreSQL\n',
  );
}
const describeHosts = isPossible ? describe : describe.skip;

describeHosts.each(HOSTS)('A host on $example', ({ example, express, fastify, resolutions }) => {
  let host: PackagedHost;
  let database: ThrowawayDatabase;
  let env: Record<string, string>;

  beforeAll(async () => {
    [host, database] = await Promise.all([
      PackagedHost.install(example, packed.archive),
      createThrowawayDatabase(),
    ]);
    env = { ...KEYS, DATABASE_URL: database.url, AI_DATA_DIR: join(host.folder, 'data') };
  }, TIMEOUT_MS);

  afterAll(async () => {
    await database?.drop();
    await host?.drop();
  }, TIMEOUT_MS);

  it('installs nothing heavy', () => {
    expect(HEAVY.filter((name) => existsSync(join(host.folder, 'node_modules', name)))).toEqual([]);
  });

  it(
    'compiles to CommonJS and to ECMAScript modules',
    async () => {
      await Promise.all(['cts', 'mts'].map((kind) => writeFile(join(host.folder, `use.${kind}`), WRONG_USE)));
      expect(await host.compile()).toBe('');
    },
    TIMEOUT_MS,
  );

  it.each(resolutions)(
    'compiles with %s %s %s %s',
    async (...options) => {
      expect(await host.compile('--noEmit', ...options)).toBe('');
    },
    TIMEOUT_MS,
  );

  it(
    'migrates the database by the package’s command',
    async () => {
      const [code, printed] = await host.run([...COMMAND, 'migrate'], env);
      expect([code, printed]).toEqual([0, expect.stringMatching(/^Applied \d+/)]);
    },
    TIMEOUT_MS,
  );

  it(
    'serves on Express a route that asks a provider',
    async () => {
      const { url, stop } = await host.start(express, env);
      await register(url);
      upstream.next({ text: 'Good day, Ada.' });
      const response = await fetch(`${url}/greetings/Ada`);
      expect(await response.json()).toEqual({ greeting: 'Good day, Ada.' });
      await stop();
    },
    TIMEOUT_MS,
  );

  it(
    'serves on Fastify a stream, and every module of the package',
    async () => {
      const { url, stop } = await host.start(fastify, env);
      upstream.next({ answer: { text: 'one two three four', chunks: 4 } });
      expect(await (await fetch(`${url}/greetings/Ada`)).text()).toBe('one two three four');
      const paths = ['health/ready', 'metrics', 'ai-providers', 'ai-providers/v1/models'];
      const statuses = paths.map(async (path) => (await fetch(`${url}/${path}`)).status);
      expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200]);
      await stop();
    },
    TIMEOUT_MS,
  );

  it(
    'serves without an application of its own, by the package’s command',
    async () => {
      const { url, stop } = await host.start([...COMMAND, 'serve'], env);
      const statuses = ['health/ready', 'docs-json'].map(
        async (path) => (await fetch(`${url}/${path}`)).status,
      );
      expect(await Promise.all(statuses)).toEqual([200, 200]);
      await stop();
    },
    TIMEOUT_MS,
  );

  it.each([
    ['no database', { DATABASE_URL: '' }, '@electric-sql/pglite @electric-sql/pglite-socket'],
    ['a collector', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, '@opentelemetry/'],
    ['a Redis for its jobs', { REDIS_URL: 'redis://127.0.0.1:1' }, 'bullmq ioredis'],
  ])(
    'that names %s is told what to install',
    async (_what, settings, packages) => {
      const [code, printed] = await host.run(fastify, { ...env, ...settings });
      expect(code).not.toBe(0);
      expect(printed).toContain(`needs packages that are not installed: npm install ${packages}`);
    },
    TIMEOUT_MS,
  );
});

async function register(url: string): Promise<void> {
  const response = await fetch(`${url}/ai-providers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Upstream',
      type: 'OPENAI',
      model: 'test-model',
      apiKey: 'sk-test-0123456789abcdef',
      endpoint: upstream.openaiUrl,
    }),
  });
  expect(response.status).toBe(201);
}
