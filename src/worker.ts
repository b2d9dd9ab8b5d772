import 'reflect-metadata';
import { ConfigError } from './infra/config/config.error.js';
import { loadConfig } from './app-config.js';
import { loadEnvFile } from './infra/config/load-env-file.js';
import { createLogger } from './infra/logging/create-logger.js';
import { PinoLoggerService } from './infra/logging/pino-logger.service.js';
import { endOnFailure, fail, stopOnSignal } from './process-end.js';

/** A process that listens nowhere and works on jobs. */
async function start(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  if (config.redisUrl === undefined)
    throw new ConfigError(['REDIS_URL: expected where the jobs are; it is not set']);
  // Loaded only now, so that a bad setting is reported before the service has been loaded.
  const [{ NestFactory }, { WorkerModule }] = await Promise.all([
    import('@nestjs/core'),
    import('./worker.module.js'),
  ]);
  const logger = createLogger({ level: config.logLevel, json: !process.stdout.isTTY });
  const host = new PinoLoggerService(logger);
  const app = await NestFactory.createApplicationContext(WorkerModule.of(host.port('AIProviders')), {
    logger: host,
    abortOnError: false,
  });
  const service = { stop: () => app.close().then(() => true) };
  endOnFailure((fields, line) => logger.fatal(fields, line), service);
  stopOnSignal((line) => logger.info(line), service);
  logger.info('Working on jobs');
}

start().catch(fail);
