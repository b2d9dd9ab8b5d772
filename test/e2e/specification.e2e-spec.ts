import { existsSync, readFileSync } from 'node:fs';
import type { INestApplication } from '@nestjs/common';
import { AIProvidersModule } from '@modules/ai-providers/ai-providers.module';
import { AIProviderRegistryService } from '@modules/ai-providers/services/ai-provider-registry.service';
import { AIMonitoringService } from '@modules/ai-providers/services/ai-monitoring.service';
import { CircuitBreakerService } from '@modules/ai-providers/services/circuit-breaker.service';
import type { AIProviderView } from '@modules/ai-providers/interfaces/ai-provider.interface';
import { loadConfig } from '../../src/app-config.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { MyService } from './support/my.service.js';
import { hostSettings, registerUpstream, startHost, type HostSettings } from './support/nest-host.js';
import { endpointOf, registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';
import {
  codeUnder,
  endpoints,
  environment,
  literalsUnder,
  numbersUnder,
  requestUnder,
  section,
} from './support/specification.js';

describe('the specification’s own examples, as printed, on a service with its .env', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let registered: AIProviderView;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([RunningService.start(environment()), FakeUpstream.start()]);
  }, 90_000);

  afterAll(async () => {
    await service?.stop();
    await upstream?.stop();
  });

  /** The same request for every vendor's own host is one for the upstream. */
  async function moveToUpstream({ id, type }: AIProviderView): Promise<void> {
    const body = { endpoint: endpointOf(upstream, type), apiKey: 'sk-test-0123456789abcdef' };
    expect((await service.call('PUT', `/ai-providers/${id}`, body)).status).toBe(200);
  }

  it('a provider is registered for each vendor’s key of the .env', async () => {
    const { body } = await service.call<AIProviderView[]>('GET', '/ai-providers');
    expect(body.map(({ type, apiKeyHint }) => [type, apiKeyHint]).sort()).toEqual([
      ['ANTHROPIC', '…-key'],
      ['GOOGLE', '…-key'],
      ['OPENAI', '…-key'],
    ]);
    for (const provider of body) await moveToUpstream(provider);
  });

  it('Register a Provider', async () => {
    const { method, path, body } = requestUnder('Register a Provider');
    const answer = await service.call<AIProviderView>(method, path, body);
    const { apiKey, ...shown } = body!;
    expect(apiKey).toBe('sk-...');
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ ...shown, circuitState: 'CLOSED' });
    expect(answer.body).not.toHaveProperty('apiKey');
    registered = answer.body;
    await moveToUpstream(registered);
  });

  it('Send Completion Request, whose provider id stands for one', async () => {
    const { method, path, body } = requestUnder('Send Completion Request');
    const refused = await service.call(method, path, body);
    expect([refused.status, refused.body['code']]).toEqual([400, 'VALIDATION_FAILED']);
    expect(refused.body['message']).toEqual([expect.stringMatching(/^providerId must be a UUID/)]);

    const { providerId, ...unpinned } = body!;
    expect(providerId).toBeDefined();
    for (const sent of [{ ...body, providerId: registered.id }, unpinned]) {
      const answer = await service.call(method, path, sent);
      expect([answer.status, answer.body['providerId']]).toEqual([200, registered.id]);
      expect(upstream.lastCall.body).toMatchObject({
        model: 'gpt-4',
        temperature: 0.7,
        messages: [
          { role: 'system', content: unpinned['systemPrompt'] },
          { role: 'user', content: unpinned['prompt'] },
        ],
      });
    }
  });

  it('Get Usage Statistics, whose provider id stands for one', async () => {
    const { method, path } = requestUnder('Get Usage Statistics');
    const refused = await service.call(method, path);
    expect([refused.status, refused.body['message']]).toEqual([
      400,
      [expect.stringMatching(/^providerId must be a UUID/)],
    ]);
    for (const sent of [path.replace('=optional', `=${registered.id}`), path.replace(/&providerId.*/, '')]) {
      const answer = await service.call(method, sent);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        startDate: '2024-01-01T00:00:00.000Z',
        endDate: '2024-12-31T23:59:59.999Z',
        totalRequests: 0,
      });
    }
  });

  it('Get Provider Metrics has the fields of Metrics Available', async () => {
    const { method, path } = requestUnder('Get Provider Metrics');
    const { status, body } = await service.call(method, path.replace(':providerId', registered.id));
    const fields = [...section('Metrics Available').matchAll(/^- `(\w+)`/gm)].map(([, name]) => name!);
    expect(fields).toHaveLength(8);
    expect([status, fields.filter((name) => !(name in body))]).toEqual([200, []]);
  });

  it('Health Check', async () => {
    const { method, path } = requestUnder('Health Check');
    const { status, body } = await service.call(method, path);
    expect([status, body['status']]).toEqual([200, 'healthy']);
  });

  it('API Endpoints', async () => {
    const register = requestUnder('Register a Provider').body;
    const { providerId, ...complete } = requestUnder('Send Completion Request').body!;
    expect(providerId).toBeDefined();
    const { id } = await registerProvider(service, upstream);
    const bodies: Record<string, unknown> = {
      'POST /ai-providers': { ...register, isActive: false },
      'POST /ai-providers/complete': complete,
      'PUT /ai-providers/:id': { priority: 3 },
    };
    const table = endpoints();
    expect(table).toHaveLength(14);
    const statuses: string[] = [];
    for (const { method, path } of table) {
      const body = bodies[`${method} ${path}`];
      const { status } = await service.call(method, path.replace(':id', id), body);
      statuses.push(`${method} ${path} ${status}`);
    }
    expect(statuses).toEqual(
      table.map(
        ({ method, path }) => `${method} ${path} ${method + path === 'POST/ai-providers' ? 201 : 200}`,
      ),
    );
  });

  it('Provider Configuration: every field can be set and comes back, but for the key', async () => {
    const body = {
      ...requestUnder('Register a Provider').body,
      endpoint: upstream.openaiUrl,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: -1,
      presencePenalty: 1,
      stopSequences: ['END'],
      timeout: 30_000,
      retryAttempts: 2,
      retryDelay: 500,
      ...literalsUnder('3. Rate Limiting')[0],
    };
    const fields = [...codeUnder('Provider Configuration').matchAll(/^ {2}(\w+)\??:/gm)].map(
      ([, name]) => name!,
    );
    expect(fields.filter((name) => name !== 'id').sort()).toEqual(Object.keys(body).sort());
    const answer = await service.call('POST', '/ai-providers', body);
    const { apiKey, ...shown } = body as Record<string, unknown>;
    expect(apiKey).toBeDefined();
    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining(shown)]);
    expect(answer.body['id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['1. Provider Priority', '2. Cost Management', '3. Rate Limiting'])(
    'Best Practices, %s',
    async (heading) => {
      for (const practice of literalsUnder(heading)) {
        const body = { ...requestUnder('Register a Provider').body, ...practice, isActive: false };
        const answer = await service.call('POST', '/ai-providers', body);
        expect([answer.status, answer.body]).toEqual([201, expect.objectContaining(practice)]);
      }
    },
  );
});

describe('the specification’s numbers and names', () => {
  const config = loadConfig({});

  it('are the defaults of circuit breaker and retry', () => {
    const { timeout, monitoringPeriod, ...thresholds } = numbersUnder('Circuit Breaker Configuration');
    expect(config.breaker).toMatchObject({
      ...thresholds,
      timeoutMs: timeout,
      monitoringPeriodMs: monitoringPeriod,
    });
    const { initialDelay, maxDelay, ...rest } = numbersUnder('Retry Configuration');
    expect(config.retry).toMatchObject({ ...rest, initialDelayMs: initialDelay, maxDelayMs: maxDelay });
  });

  it('are the thresholds of the alerts', () => {
    const thresholds = [...section('Alerts').matchAll(/> \$?(\d+)/g)].map(([, value]) => Number(value));
    const { errorRateCritical, errorRateWarning, latencyMs, cost } = config.alerts;
    expect(thresholds).toEqual([errorRateCritical, errorRateWarning, latencyMs / 1000, cost]);
  });

  it('are the files of its architecture', () => {
    let folder = '';
    const files: string[] = [];
    for (const [, indent, name] of codeUnder('Architecture').matchAll(/^([├│└─ ]+)([\w.-]+\/?)/gm)) {
      if (name!.endsWith('/')) folder = name!;
      else files.push(indent!.length > 4 ? folder + name! : name!);
    }
    expect(files).toHaveLength(12);
    expect(files.filter((file) => !existsSync(`src/modules/ai-providers/${file}`))).toEqual([]);
  });

  it('are the script and the packages of its installation', () => {
    const { scripts, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const [, script] = /npm run (\S+)/.exec(codeUnder('3. Database Migration')) ?? [];
    expect(scripts).toHaveProperty([script!]);
    const asked = JSON.parse(codeUnder('1. Dependencies (Already Installed ✅)')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(asked.dependencies).filter((name) => !(name in dependencies!))).toEqual([]);
  });
});

describe('the specification’s service that uses the module', () => {
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;

  beforeAll(async () => {
    [settings, upstream] = await Promise.all([hostSettings(), FakeUpstream.start()]);
    app = await startHost({ imports: [AIProvidersModule.forRoot(settings.options)], providers: [MyService] });
    await registerUpstream(app, upstream);
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await settings?.drop();
    await upstream?.stop();
  });

  it('is the one that runs here, letter for letter', () => {
    expect(readFileSync('test/e2e/support/my.service.ts', 'utf8')).toContain(
      codeUnder('From Other Services'),
    );
  });

  it('completes and streams', async () => {
    const mine = app.get(MyService);
    upstream.next({ text: 'Water the plants.' }, { text: 'A long document.' });
    expect(await mine.generateContent()).toBe('Water the plants.');
    expect(upstream.lastCall.body).toMatchObject({ temperature: 0.7, max_tokens: 500 });
    let text = '';
    for await (const piece of mine.streamContent()) text += piece;
    expect(text).toBe('A long document.');
  });

  it('finds the module’s other services where the specification has them', () => {
    for (const exported of [AIProviderRegistryService, CircuitBreakerService, AIMonitoringService]) {
      expect(app.get(exported)).toBeInstanceOf(exported);
    }
  });
});
