import type { ServerOptions } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppConfig } from './app-config.js';
import { AppModule } from './app.module.js';
import type { HttpConfig } from './infra/http-server/http.config.js';
import type { WorkerLink } from './infra/workers/worker-link.js';
import { answerFrameworkError, leadToDocs, refuseStrangers } from './http-edge.js';
import { readJsonBodies } from './json-bodies.js';
import type { PinoLoggerService } from './infra/logging/pino-logger.service.js';
import { serveDocs } from './openapi.js';

/** What a page of another origin may read beside the body. */
const EXPOSED_HEADERS = [
  'content-disposition',
  'etag',
  'location',
  'retry-after',
  'x-ai-model',
  'x-ai-provider',
  'x-ai-warnings',
  'x-cache',
  'x-request-id',
];

/** The service, ready to listen: everything under `/api`. `link` where this process is one worker of several. */
export async function createApp(
  config: AppConfig,
  logger: PinoLoggerService,
  link?: WorkerLink,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: config.http.bodyLimitBytes,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    ...timeLimits(config.http),
    frameworkErrors: answerFrameworkError,
  });
  const fastify = adapter.getInstance();
  const port = logger.port('AIProviders');
  refuseStrangers(fastify, config, port);
  readJsonBodies(fastify, config, port);
  leadToDocs(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({ logger: port, link }),
    adapter,
    { logger, abortOnError: false, bodyParser: false },
  );
  app.setGlobalPrefix('api');
  if (config.http.corsOrigins.length > 0) app.enableCors(corsOptions(config.http));
  serveDocs(app, port);
  return app;
}

/** How often Node looks for callers whose time is over, in milliseconds. */
const CHECK_INTERVAL_MS = 5_000;

/**
 * How long a caller may take to send a request. A slow body is answered by the code that reads it; these limits end the
 * connections of callers whose head is slow and, a little later, of those whose body is never read.
 */
function timeLimits({ requestTimeoutMs }: HttpConfig): { requestTimeout: number; http: ServerOptions } {
  const requestTimeout = requestTimeoutMs + CHECK_INTERVAL_MS;
  return {
    requestTimeout,
    http: {
      requestTimeout,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
  };
}

/** For how long a browser may remember what is allowed, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** Pages of other origins may call the API with a key that they hold themselves: no cookies, no credentials. */
function corsOptions({ corsOrigins }: HttpConfig): Parameters<NestFastifyApplication['enableCors']>[0] {
  return {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
  };
}
