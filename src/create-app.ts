import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { AppConfig } from './infra/config/app-config.interface.js';
import type { WorkerLink } from './infra/workers/worker-link.js';
import { answerFrameworkError, readJsonBodies, refuseStrangers } from './http-edge.js';
import type { PinoLoggerService } from './infra/logging/pino-logger.service.js';
import { serveDocs } from './openapi.js';

/** The service, ready to listen: everything under `/api`. `link` where this process is one worker of several. */
export async function createApp(
  config: AppConfig,
  logger: PinoLoggerService,
  link?: WorkerLink,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: config.http.bodyLimitBytes,
    forceCloseConnections: 'idle',
    frameworkErrors: answerFrameworkError,
  });
  const fastify = adapter.getInstance();
  refuseStrangers(fastify, config);
  readJsonBodies(fastify, config);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({ logger: logger.port('AIProviders'), link }),
    adapter,
    { logger, abortOnError: false, bodyParser: false },
  );
  app.setGlobalPrefix('api');
  serveDocs(app);
  return app;
}
