import { networkInterfaces } from 'node:os';
import {
  Catch,
  Controller,
  Get,
  HttpException,
  type ArgumentsHost,
  type ExceptionFilter,
  type INestApplication,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  addAccessSchemes,
  AIProvidersModule,
  AIRequestManagerService,
  HealthModule,
  MetricsModule,
  OpenAICompatModule,
} from '../../src/index.js';
import { ADAPTERS, hostSettings, startHost, type HostSettings } from './support/nest-host.js';

/** Routes of the host's own. */
@Controller('own')
class OwnController {
  constructor(private readonly manager: AIRequestManagerService) {}

  @Get()
  greet(): { hello: string } {
    return { hello: 'world' };
  }

  /** Nobody is registered, so this fails. */
  @Get('failing')
  fail(): Promise<unknown> {
    return this.manager.complete({ prompt: 'Hello' });
  }
}

/** What many hosts have: whatever is no HttpException is a 500. */
@Catch()
class HostFilter implements ExceptionFilter {
  constructor(private readonly adapters: HttpAdapterHost) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
    const body = thrown instanceof HttpException ? thrown.getResponse() : {};
    this.adapters.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }
}

/** An address of this machine that is not loopback: who calls by it comes from elsewhere, for all that a server sees. */
const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

let settings: HostSettings;

beforeAll(async () => {
  settings = await hostSettings();
}, 60_000);

afterAll(() => settings?.drop());

describe.each(Object.entries(ADAPTERS))('the module without keys in a host on %s', (_name, adapter) => {
  let app: INestApplication;
  let port: string;

  const host = async (extras: object = {}): Promise<void> => {
    const module = AIProvidersModule.forRoot({ ...settings.options, ...extras, isGlobal: true });
    app = await startHost(
      { imports: [module, OpenAICompatModule, HealthModule, MetricsModule], controllers: [OwnController] },
      adapter(),
      { address: '0.0.0.0', filters: [HostFilter] },
    );
    port = new URL(await app.getUrl()).port;
  };
  const statusOf = async (path: string, headers = {}, name = '127.0.0.1', method = 'GET'): Promise<number> =>
    (await fetch(`http://${name}:${port}/api/${path}`, { method, headers })).status;

  afterEach(() => app?.close(), 30_000);

  it('answers callers on this machine alone, by where their connection comes from', async () => {
    await host();
    expect(await statusOf('ai-providers')).toBe(200);
    if (elsewhere === undefined) return;
    for (const path of ['ai-providers', 'ai-providers/v1/models', 'metrics', 'ai-providers/alerts']) {
      expect(await statusOf(path, {}, elsewhere)).toBe(403);
      const forged = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-real-ip': '127.0.0.1' };
      expect(await statusOf(path, forged, elsewhere)).toBe(403);
    }
    expect(await statusOf('own', {}, elsewhere)).toBe(200);
    expect(await statusOf('health/live', {}, elsewhere)).toBe(200);
  }, 60_000);

  it('takes the host’s word that it guards the routes', async () => {
    await host({ access: 'host' });
    expect(await statusOf('ai-providers')).toBe(200);
    if (elsewhere !== undefined) expect(await statusOf('ai-providers', {}, elsewhere)).toBe(200);
    expect(await statusOf('ai-providers', { 'sec-fetch-site': 'cross-site' }, '127.0.0.1', 'POST')).toBe(400);
  }, 60_000);

  it('refuses what other sites’ pages send by a browser on this machine, but at its own routes', async () => {
    await host();
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect(await statusOf('ai-providers/complete', foreign, '127.0.0.1', 'POST')).toBe(403);
    expect(await statusOf('own', foreign)).toBe(200);
  }, 60_000);

  it('demands a key where there are keys, whatever the host says', async () => {
    const accessKeys = [{ name: 'a', role: 'admin', secret: 'secret-0123456789' }];
    await host({ http: { accessKeys }, access: 'host' });
    expect(await statusOf('ai-providers')).toBe(401);
    expect(await statusOf('ai-providers', { 'x-goog-api-key': 'secret-0123456789' })).toBe(200);
    expect(await statusOf('ai-providers?key=secret-0123456789')).toBe(401);
  }, 60_000);

  it('answers an AIError of the host’s own routes under its own status, by whatever filter', async () => {
    await host();
    const response = await fetch(`http://127.0.0.1:${port}/api/own/failing`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'NO_PROVIDER_AVAILABLE', statusCode: 503 });
  }, 60_000);

  it('describes with the ways in which a key can be sent', async () => {
    await host();
    const document = SwaggerModule.createDocument(app, addAccessSchemes(new DocumentBuilder()).build());
    const used = Object.keys(
      Object.assign({}, ...(document.paths['/api/ai-providers']?.post?.security ?? [])) as object,
    );
    expect(used.length).toBeGreaterThan(1);
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(expect.arrayContaining(used));
  }, 60_000);

  it('uses the id that the host gives a request', async () => {
    await host();
    const response = await fetch(`http://127.0.0.1:${port}/api/ai-providers`, {
      headers: { 'x-host-id': 'host-7' },
    });
    expect(response.headers.get('x-request-id')).toBe('host-7');
  }, 60_000);
});

it('is refused with a sentence where it is imported twice', async () => {
  const imports = [1, 2].map((ttlSeconds) =>
    AIProvidersModule.forRoot({ ...settings.options, cache: { ttlSeconds } }),
  );
  await expect(startHost({ imports })).rejects.toThrow('AIProvidersModule is imported twice: call forRoot');
}, 60_000);
