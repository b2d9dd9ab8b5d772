import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppConfig } from './infra/config/app-config.interface.js';
import { assertSafeToListen } from './infra/config/listening.guard.js';
import { loadConfig } from './infra/config/load-config.js';
import { loadEnvFile } from './infra/config/load-env-file.js';
import { createLogger } from './infra/logging/create-logger.js';
import { PinoLoggerService } from './infra/logging/pino-logger.service.js';
import { redactText } from './infra/logging/secret.redactor.js';

async function start(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  assertSafeToListen(config);
  // Loaded only now: a bad setting is told at once, not after seconds of loading what it stops.
  const { createApp } = await import('./create-app.js');
  const logger = new PinoLoggerService(createLogger({ level: config.logLevel, json: config.production }));
  const app = await createApp(config, logger);
  stopOnSignal(app, logger);
  await listen(app, config);
  logger.log(`Listening on ${await app.getUrl()}/api`);
}

async function listen(app: NestFastifyApplication, { http: { host, port } }: AppConfig): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** SIGTERM and SIGINT let what is in flight end; a second one does not wait. */
function stopOnSignal(app: NestFastifyApplication, logger: PinoLoggerService): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.log(`Stopping on ${signal}`);
    app.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): void {
  process.stderr.write(`${redactText(reasonOf(error))}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause === undefined ? message : `${message}: ${reasonOf(cause).replace(/\s+/g, ' ').trim()}`;
}

start().catch(fail);
