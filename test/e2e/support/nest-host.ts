import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { Logger, type ExceptionFilter, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AIProviderRegistryService, type AIProvidersModuleOptions } from '../../../src/index.js';
import { migrate } from '../../../src/infra/prisma/migrations/migrations.js';
import type { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import { createThrowawayDatabase } from '../../integration/support/real-postgres.js';
import { hasServices } from '../../services/with-services.js';

Logger.overrideLogger(false);

export const ADAPTERS = {
  Express: (): ExpressAdapter => new ExpressAdapter(),
  Fastify: (): FastifyAdapter => new FastifyAdapter(),
};

/** What the hosts of one test file have in common. */
export interface HostSettings {
  options: AIProvidersModuleOptions;
  drop: () => Promise<void>;
}

/** A database of its own, on a real PostgreSQL where there is one; nothing of the environment decides. */
export async function hostSettings(): Promise<HostSettings> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-host-'));
  const database = hasServices('PostgreSQL') ? await createThrowawayDatabase() : undefined;
  if (database) await migrate({ connectionString: database.url });
  return {
    options: {
      databaseUrl: database?.url ?? null,
      dataDir,
      redisUrl: null,
      cache: { ttlSeconds: 0 },
      production: false,
      http: { accessKeys: null },
      encryption: { key: randomBytes(16).toString('hex'), iv: randomBytes(8).toString('hex') },
      defaultProviders: { openai: { apiKey: null }, anthropic: { apiKey: null }, google: { apiKey: null } },
      retry: { maxAttempts: 1, initialDelayMs: 1 },
      breaker: { failureThreshold: 1000 },
    },
    drop: async () => {
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a host does beside mounting modules. */
interface HostHabits {
  address?: string;
  filters?: (new (adapters: HttpAdapterHost) => ExceptionFilter)[];
}

/** An application of these modules and controllers, listening on a free port with everything under `/api`. */
export async function startHost(
  metadata: ModuleMetadata,
  adapter: ExpressAdapter | FastifyAdapter = new FastifyAdapter(),
  { address = '127.0.0.1', filters = [] }: HostHabits = {},
): Promise<INestApplication> {
  const compiled = await Test.createTestingModule(metadata).compile();
  const app = compiled.createNestApplication(adapter);
  app.setGlobalPrefix('api');
  for (const filter of filters) app.useGlobalFilters(new filter(app.get(HttpAdapterHost)));
  // As many hosts give a request its id.
  app.use((request: IncomingMessage & { id?: unknown }, _response: unknown, next: () => void) => {
    request.id = request.headers['x-host-id'];
    next();
  });
  try {
    await app.listen(0, address);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

/** Registers the upstream as an OpenAI provider and gives the provider's id. */
export async function registerUpstream(app: INestApplication, upstream: FakeUpstream): Promise<string> {
  const { id } = await app.get(AIProviderRegistryService).register({
    name: 'Upstream',
    type: 'OPENAI',
    model: 'test-model',
    apiKey: 'sk-test-0123456789abcdef',
    endpoint: upstream.openaiUrl,
  });
  return id;
}
