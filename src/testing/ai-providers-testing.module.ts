import { randomBytes } from 'node:crypto';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { PrismaService } from '../infra/prisma/prisma.service.js';
import type {
  AIProvidersModuleExtras,
  AIProvidersModuleOptions,
} from '../modules/ai-providers/ai-providers.module-definition.js';
import { AIProvidersModule } from '../modules/ai-providers/ai-providers.module.js';
import { AIProviderRepository } from '../modules/ai-providers/registry/ai-provider.repository.js';
import { AlertRepository } from '../modules/ai-providers/alerts/alert.repository.js';
import { CircuitOutageRepository } from '../modules/ai-providers/health/circuit-outage.repository.js';
import { RequestLogRepository } from '../modules/ai-providers/ledger/request-log.repository.js';
import { StatisticsRepository } from '../modules/ai-providers/statistics/statistics.repository.js';
import { AIAdapterPool } from '../modules/ai-providers/registry/adapters/ai-adapter.pool.js';
import { RequestRecorder } from '../modules/ai-providers/ledger/request-recorder.service.js';
import {
  EmptyAlertRepository,
  EmptyCircuitOutageRepository,
  EmptyRequestLogRepository,
  EmptyStatisticsRepository,
  InMemoryProviderRepository,
} from './in-memory.repositories.js';
import { ScriptedAdapterPool, ScriptedAnswers } from './scripted.adapter.js';

/** Writes no journal: what became of a request is forgotten. */
class NoRecorder extends RequestRecorder {
  constructor() {
    super(undefined as never, undefined as never, undefined as never, new EmptyRequestLogRepository());
  }

  override onModuleInit(): Promise<void> {
    return Promise.resolve();
  }

  override requestEnded(): Promise<void> {
    return Promise.resolve();
  }
}

const IN_MEMORY: Provider[] = [
  ScriptedAnswers,
  { provide: PrismaService, useValue: null },
  { provide: AIProviderRepository, useFactory: () => new InMemoryProviderRepository() },
  { provide: StatisticsRepository, useFactory: () => new EmptyStatisticsRepository() },
  { provide: RequestLogRepository, useFactory: () => new EmptyRequestLogRepository() },
  { provide: AlertRepository, useFactory: () => new EmptyAlertRepository() },
  { provide: CircuitOutageRepository, useFactory: () => new EmptyCircuitOutageRepository() },
  { provide: RequestRecorder, useFactory: () => new NoRecorder() },
  {
    provide: AIAdapterPool,
    inject: [ScriptedAnswers],
    useFactory: (script: ScriptedAnswers) => new ScriptedAdapterPool(script),
  },
];

/**
 * The module for tests of a host: the same services and routes, with no database, no disk, no Redis and no network.
 * Providers are registered as always and live in memory; all of them answer what `ScriptedAnswers` says. Requests are not
 * kept, so statistics are empty.
 */
@Module({})
export class AIProvidersTestingModule extends AIProvidersModule {
  static override forRoot(options: AIProvidersModuleOptions & AIProvidersModuleExtras = {}): DynamicModule {
    const module = AIProvidersModule.forRoot({ ...OUTSIDE_NOTHING, ...options });
    return {
      ...module,
      module: AIProvidersTestingModule,
      providers: [...(module.providers ?? []), ...IN_MEMORY],
      exports: [...(module.exports ?? []), ScriptedAnswers],
    };
  }
}

/** Nothing of the environment's decides a test. */
const OUTSIDE_NOTHING: AIProvidersModuleOptions = {
  production: false,
  databaseUrl: null,
  redisUrl: null,
  http: { accessKeys: null },
  encryption: { key: randomBytes(16).toString('hex'), iv: randomBytes(8).toString('hex') },
  defaultProviders: { openai: { apiKey: null }, anthropic: { apiKey: null }, google: { apiKey: null } },
  retry: { initialDelayMs: 0, maxDelayMs: 0 },
  telemetry: { endpoint: null },
};
