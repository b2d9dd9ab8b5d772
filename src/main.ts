import 'reflect-metadata';
import cluster from 'node:cluster';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { assertSafeToListen } from './access/listening.guard.js';
import { APP_VARIABLES, loadConfig, type AppConfig } from './app-config.js';
import { loadEnvFile } from './infra/config/load-env-file.js';
import { misspeltVariables } from './infra/config/misspelt-variables.js';
import { assertCanListen, listeningError } from './infra/http-server/port.probe.js';
import { createLogger, type ServiceLogger } from './infra/logging/create-logger.js';
import { PinoLoggerService } from './infra/logging/pino-logger.service.js';
import { WorkerLink } from './infra/workers/worker-link.js';
import { WorkerPool } from './infra/workers/worker-pool.js';
import { endOnFailure, fail, stopOnSignal } from './process-end.js';

async function start(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  assertSafeToListen(config);
  const logger = createLogger({ level: config.logLevel, json: !process.stdout.isTTY });
  if (!cluster.isWorker) {
    const names = APP_VARIABLES.map(({ name }) => name);
    for (const line of misspeltVariables(names)) logger.warn(line);
    await assertCanListen(config.http);
  }
  if (cluster.isWorker) await serveAsWorker(config, logger, new WorkerLink(process));
  else if (config.http.workers > 1) startWorkers(config, logger);
  else await serveAlone(config, logger);
}

async function serveAlone(config: AppConfig, logger: ServiceLogger): Promise<void> {
  const app = await makeApp(config, logger);
  const service = { stop: () => app.close().then(() => true) };
  endOnFailure((fields, line) => logger.fatal(fields, line), service);
  stopOnSignal((line) => logger.info(line), service);
  logger.info(`Listening on ${await listen(app, config)}/api`);
}

async function serveAsWorker(config: AppConfig, logger: ServiceLogger, link: WorkerLink): Promise<void> {
  // Signals go to whole groups of processes: the primary gets them too, and sends its workers a message when they are to stop.
  process.on('SIGTERM', () => undefined);
  process.on('SIGINT', () => undefined);
  const app = await makeApp(config, logger, link);
  endOnFailure((fields, line) => logger.fatal(fields, line), { stop: () => app.close().then(() => true) });
  link.onStop(() => void app.close().then(() => process.exit(0), fail));
  link.ready(await listen(app, config));
}

function startWorkers({ http: { workers } }: AppConfig, logger: ServiceLogger): void {
  const events = {
    ready: (url: string) => logger.info({ workers }, `Listening on ${url}/api`),
    failed: (reason: string) => {
      pool.kill();
      fail(reason);
    },
  };
  const pool = new WorkerPool(workers, events, logger);
  endOnFailure((fields, line) => logger.fatal(fields, line), pool);
  stopOnSignal((line) => logger.info(line), pool);
  pool.start();
}

/**
 * Loads the service only here: a primary does not need it, and a bad setting is reported before. What the breaker's and the
 * request manager's services import is loaded by then, since the defaults of their settings stand there.
 */
async function makeApp(
  config: AppConfig,
  logger: ServiceLogger,
  link?: WorkerLink,
): Promise<NestFastifyApplication> {
  const { createApp } = await import('./create-app.js');
  return createApp(config, new PinoLoggerService(logger), link);
}

/** Gives the URL. */
async function listen(app: NestFastifyApplication, { http: { host, port } }: AppConfig): Promise<string> {
  try {
    await app.listen(port, host);
    return await app.getUrl();
  } catch (error) {
    await app.close();
    throw listeningError(error, host, port);
  }
}

start().catch(fail);
