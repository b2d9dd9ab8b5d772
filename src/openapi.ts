import { createRequire } from 'node:module';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { addAccessSchemes } from './access/access-schemes.js';
import { AppModule } from './app.module.js';
import type { Logger } from './infra/logging/logger.interface.js';

/** The description of the HTTP API, as committed in `openapi.json`. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('AI Providers')
    .setDescription(
      'One API to large language models of several vendors. Every response carries `x-request-id`, the caller’s or a new one.',
    )
    .setVersion('1')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html');
  return SwaggerModule.createDocument(app, addAccessSchemes(builder).build());
}

/** The text of `openapi.json`, made without starting anything: no provider is instantiated, no database opened. */
export async function writeDescription(): Promise<string> {
  const app = await NestFactory.create(AppModule.of(), new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  app.setGlobalPrefix('api');
  const { paths, components, ...rest } = describeApi(app);
  const description = {
    ...rest,
    paths: sorted(paths),
    components: { ...components, schemas: sorted(components?.schemas ?? {}) },
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

/** By name, so that the order in which modules are imported does not show. */
function sorted<T>(entries: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PAGE_PACKAGE = 'swagger-ui-dist';

/**
 * Serves the description at `/api/docs-json`, and a page of it at `/api/docs`. Its files are in a package that a host
 * application which runs this service from its own folder need not have; without it there is no page.
 */
export function serveDocs(app: NestFastifyApplication, logger: Pick<Logger, 'warn'>): void {
  const hasPage = isInstalled(PAGE_PACKAGE);
  if (!hasPage) logger.warn({}, `There is no page at /api/docs: npm install ${PAGE_PACKAGE}`);
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    ui: hasPage,
    useGlobalPrefix: true,
    jsonDocumentUrl: 'docs-json',
  });
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
