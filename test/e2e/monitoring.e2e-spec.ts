import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import { AIMonitoringService, AIProvidersModule, AIRequestManagerService } from '../../src/index.js';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import type { Alert } from '../../src/modules/ai-providers/interfaces/monitoring/alert.interface.js';
import type { ProviderMetrics } from '../../src/modules/ai-providers/interfaces/monitoring/provider-metrics.interface.js';
import type {
  CostReport,
  PerformanceReport,
  RequestReport,
  UsageReport,
} from '../../src/modules/ai-providers/interfaces/monitoring/statistics-report.interface.js';
import { FakeUpstream, type Bill } from '../fakes/upstream/fake-upstream.js';
import { endAfter, status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { UnreliableLink } from '../integration/support/unreliable-link.js';
import { describeWith } from '../services/with-services.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { ADAPTERS, hostSettings, registerUpstream, startHost } from './support/nest-host.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const USD = { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD' };
const EUR = { inputTokenCost: 0.00075, outputTokenCost: 0.0045, currency: 'EUR' };
const today = (): string => new Date().toISOString().slice(0, 10);
/** The tests may run over midnight. */
const FIRST_DAY = today();
const UNKNOWN_ID = '3f2b8c1e-0000-4000-8000-000000000000';

let serial = 0;
/** No two alike, so that nothing is answered from a cache. */
const prompt = (): string => `Question ${++serial}`;

async function complete(service: RunningService, providerId?: string): Promise<number> {
  const answer = await service.call('POST', '/ai-providers/complete', { prompt: prompt(), providerId });
  return answer.status;
}

async function metricsOf(service: RunningService, id: string): Promise<ProviderMetrics> {
  return (await service.call<ProviderMetrics>('GET', `/ai-providers/metrics/${id}`)).body;
}

async function statistics<T>(service: RunningService, kind: string, query = ''): Promise<T> {
  const answer = await service.call<T>('GET', `/ai-providers/statistics/${kind}?${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

function priceOf({ promptTokens, completionTokens }: Bill, pricing: typeof USD): number {
  const input = new Decimal(pricing.inputTokenCost).mul(promptTokens).div(1000);
  return input.add(new Decimal(pricing.outputTokenCost).mul(completionTokens).div(1000)).toNumber();
}

describe('numbers of one service', () => {
  let service: RunningService;
  let first: FakeUpstream;
  let second: FakeUpstream;
  let third: FakeUpstream;
  let ids: { first: string; second: string; third: string };

  beforeAll(async () => {
    [service, first, second, third] = await Promise.all([
      RunningService.start(),
      FakeUpstream.start(),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    const register = async (upstream: FakeUpstream, settings: object): Promise<string> =>
      (await registerProvider(service, upstream, settings)).id;
    ids = {
      first: await register(first, { name: 'First, "dear"', pricing: USD, priority: 10 }),
      second: await register(second, { pricing: EUR, priority: 5, model: 'other-model' }),
      third: await register(third, { priority: -1, retryAttempts: 1, type: 'CUSTOM' }),
    };
  }, 90_000);

  afterAll(async () => {
    await Promise.all([service.stop(), first.stop(), second.stop(), third.stop()]);
  });

  it('are zeros and nulls, and an uptime of 100, before anything was asked', async () => {
    const { body } = await service.call<ProviderMetrics[]>('GET', '/ai-providers/metrics');
    expect(body.map(({ providerId }) => providerId)).toEqual([ids.first, ids.second, ids.third]);
    expect(body[0]).toEqual({
      providerId: ids.first,
      providerName: 'First, "dear"',
      totalRequests: 0,
      successfulRequests: 0,
      failedRequests: 0,
      cachedRequests: 0,
      averageLatency: 0,
      latency: { p50: null, p95: null, p99: null },
      timeToFirstToken: null,
      totalTokensUsed: 0,
      totalCost: 0,
      currency: 'USD',
      errorRate: 0,
      uptime: 100,
      circuitState: 'CLOSED',
      circuitOpenMs: 0,
      lastUsedAt: null,
    });
    const usage = await statistics<UsageReport>(service, 'usage');
    expect(usage).toMatchObject({ totalRequests: 0, byProvider: [], byModel: [], timeline: [] });
    expect(await statistics<CostReport>(service, 'cost')).toMatchObject({
      totals: [],
      totalCost: 0,
      currency: null,
    });
  });

  it('equal the upstream’s bill, at once, whatever way the requests took', async () => {
    expect([await complete(service), await complete(service)]).toEqual([200, 200]);
    expect(await streamCompletion(service.url, { prompt: prompt() })).toMatchObject({ done: true });
    first.next(status(503), { text: 'After a retry' });
    expect(await complete(service)).toBe(200);
    first.next(status(401));
    expect(await complete(service)).toBe(200);
    first.next(status(400, { message: 'no such parameter' }));
    expect(await complete(service)).toBe(400);

    const { first: id } = ids;
    expect(await metricsOf(service, id)).toMatchObject({
      totalRequests: 5,
      successfulRequests: 4,
      failedRequests: 1,
      errorRate: 20,
      uptime: 100,
      totalTokensUsed: first.bill.promptTokens + first.bill.completionTokens,
      totalCost: priceOf(first.bill, USD),
      currency: 'USD',
    });
    expect(await metricsOf(service, ids.second)).toMatchObject({
      totalRequests: 1,
      successfulRequests: 1,
      totalTokensUsed: second.bill.promptTokens + second.bill.completionTokens,
      totalCost: priceOf(second.bill, EUR),
      currency: 'EUR',
    });
    const { averageLatency, latency, timeToFirstToken, lastUsedAt } = await metricsOf(service, id);
    for (const value of [averageLatency, latency.p50, latency.p99, timeToFirstToken]) {
      expect(value).toBeGreaterThan(0);
    }
    expect(Date.now() - Date.parse(lastUsedAt ?? '')).toBeLessThan(60_000);
  });

  it('count a cut stream and a refusing server as failures, with what had been received', async () => {
    third.next(endAfter(2, { text: 'one two three four' }), status(500));
    expect(await streamCompletion(service.url, { prompt: prompt(), providerId: ids.third })).toMatchObject({
      done: false,
    });
    expect(await complete(service, ids.third)).toBe(502);
    const metrics = await metricsOf(service, ids.third);
    expect(metrics).toMatchObject({
      totalRequests: 2,
      failedRequests: 2,
      errorRate: 100,
      uptime: 0,
      totalCost: null,
    });
    expect(metrics.totalTokensUsed).toBeGreaterThan(0);
    expect(await statistics<RequestReport>(service, 'requests', `providerId=${ids.third}`)).toMatchObject({
      totalRequests: 2,
      failuresByOutcome: { truncated: 1, server_error: 1 },
      failuresByCode: { ALL_PROVIDERS_FAILED: 2 },
      inFlight: 0,
      queued: 0,
    });
  });

  it('are broken down by provider, model and day, and add up', async () => {
    const days = `startDate=${FIRST_DAY}&endDate=${today()}`;
    const usage = await statistics<UsageReport>(service, 'usage', days);
    expect(usage).toMatchObject({ totalRequests: 8, successfulRequests: 5, failedRequests: 3 });
    for (const rows of [usage.byProvider, usage.byModel, usage.timeline]) {
      expect(rows.reduce((sum, row) => sum + row.totalTokens, 0)).toBe(usage.totalTokens);
    }
    expect(usage.byModel.map(({ model }) => model)).toEqual(['other-model', 'test-model']);
    for (const { date, start } of usage.timeline) expect(start).toBe(`${date}T00:00:00.000Z`);
    expect([FIRST_DAY, today()]).toContain(usage.timeline[0]?.date);

    const requests = await statistics<RequestReport>(service, 'requests');
    expect(requests).toMatchObject({ retriedRequests: 1, fallbackRequests: 1, streamedRequests: 2 });
    const performance = await statistics<PerformanceReport>(
      service,
      'performance',
      `providerId=${ids.first}`,
    );
    expect(performance).toMatchObject({ totalRequests: 5, successRate: 80, errorRate: 20 });
    expect(performance.throughput.requestsPerMinute).toBeGreaterThan(0);
  });

  it('never sum money across currencies', async () => {
    const cost = await statistics<CostReport>(service, 'cost');
    expect(cost.totals.map(({ currency, totalCost }) => [currency, totalCost])).toEqual([
      ['EUR', priceOf(second.bill, EUR)],
      ['USD', priceOf(first.bill, USD)],
    ]);
    expect(cost).toMatchObject({ totalCost: null, currency: null, unpricedRequests: 2 });
    expect(cost.byProvider).toHaveLength(2);
    expect(await statistics<CostReport>(service, 'cost', `providerId=${ids.first}`)).toMatchObject({
      totalCost: priceOf(first.bill, USD),
      currency: 'USD',
    });
  });

  it('have nothing outside the range asked for, and dates of the time zone asked for', async () => {
    const before = await statistics<UsageReport>(service, 'usage', 'startDate=2024-01-01&endDate=2024-12-31');
    expect(before).toMatchObject({
      totalRequests: 0,
      startDate: '2024-01-01T00:00:00.000Z',
      endDate: '2024-12-31T23:59:59.999Z',
    });
    const berlin = 'startDate=2026-03-29&endDate=2026-03-29&timezone=Europe/Berlin';
    expect(await statistics<UsageReport>(service, 'usage', berlin)).toMatchObject({
      startDate: '2026-03-28T23:00:00.000Z',
      endDate: '2026-03-29T21:59:59.999Z',
    });
    const exact = `startDate=${new Date(Date.now() - 3_600_000).toISOString()}&endDate=${new Date().toISOString()}`;
    expect(await statistics<UsageReport>(service, 'usage', exact)).toMatchObject({ totalRequests: 8 });
    const future = new Date(Date.now() + 60_000).toISOString();
    expect(
      await statistics<UsageReport>(service, 'usage', `startDate=${future}&endDate=2999-12-31`),
    ).toMatchObject({ totalRequests: 0 });
  });

  it.each(['hour', 'day', 'month', 'provider', 'model'])('are cut by %s', async (groupBy) => {
    const query = `groupBy=${groupBy}&timezone=Asia/Kolkata`;
    const { timeline, totalRequests } = await statistics<UsageReport>(service, 'usage', query);
    expect(timeline.length).toBeGreaterThan(groupBy === 'provider' || groupBy === 'model' ? 1 : 0);
    expect(timeline.reduce((sum, step) => sum + step.totalRequests, 0)).toBe(totalRequests);
  });

  it.each(['usage', 'cost', 'performance', 'requests'])(
    'of statistics/%s come as CSV when asked for',
    async (kind) => {
      const path = `/ai-providers/statistics/${kind}?groupBy=provider`;
      const { headers, text } = await service.call('GET', path, undefined, { accept: 'text/csv' });
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(headers.get('vary')).toMatch(/accept/i);
      const [header, ...lines] = text.split('\r\n');
      expect(header).toMatch(/^date,start,providerId,providerName,[\w.,]+$/);
      expect(lines.at(-1)).toBe('');
      expect(text).toContain(`${ids.first},"First, ""dear""",`);

      const saved = await service.call('GET', `${path}&format=csv`, undefined, {
        accept: 'application/json',
      });
      expect(saved.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(saved.headers.get('content-disposition')).toBe(`attachment; filename="${kind}.csv"`);
      expect(saved.text).toBe(text);

      const json = await service.call('GET', `${path}&format=json`, undefined, { accept: 'text/csv' });
      expect(json.headers.get('content-type')).toMatch(/^application\/json/);
      expect(json.body['timeline']).toHaveLength(lines.length - 1);
    },
  );

  it.each([
    ['startDate=yesterday', /^startDate must be a date/],
    ['endDate=2026-02-30', /^endDate must be a date/],
    ['startDate=2026-01-02&endDate=2026-01-01', /^startDate must not be after endDate/],
    ['timezone=Mars/Olympus', /^timezone must be/],
    ['groupBy=week', /^groupBy must be/],
    ['format=xml', /^format must be/],
    ['providerId=nobody', /^providerId must be/],
    ['startDate=2026-01-01&startDate=2026-01-02', /^startDate must be/],
    ['from=2026-01-01', /^from is not a known field/],
  ])('are refused for ?%s', async (query, problem) => {
    const { status: code, body } = await service.call('GET', `/ai-providers/statistics/requests?${query}`);
    expect(code).toBe(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect((body['message'] as string[]).some((line) => problem.test(line))).toBe(true);
  });

  it('count failures by the code their callers got, also where nobody was asked, and no caller’s own error', async () => {
    const lone = await registerProvider(service, third, {
      retryAttempts: 1,
      rateLimit: { requestsPerMinute: 1, tokensPerMinute: 1_000_000 },
    });
    expect(await complete(service, lone.id)).toBe(200);
    const limited = { prompt: prompt(), providerId: lone.id, timeout: 1_000 };
    expect((await service.call('POST', '/ai-providers/complete', limited)).status).toBe(429);
    await service.call('DELETE', `/ai-providers/${lone.id}`);
    expect(await complete(service, lone.id)).toBe(409);
    const { failuresByCode } = await statistics<RequestReport>(service, 'requests');
    expect(failuresByCode).toEqual({ ALL_PROVIDERS_FAILED: 2, RATE_LIMITED: 1 });
    const narrowed = await statistics<RequestReport>(service, 'requests', `providerId=${lone.id}`);
    expect(narrowed).toMatchObject({ totalRequests: 1, failuresByCode: {} });
  });

  it.each([`metrics/${UNKNOWN_ID}`, `statistics/usage?providerId=${UNKNOWN_ID}`])(
    'of a provider that there is not are a 404 (%s)',
    async (path) => {
      const { status: code, body } = await service.call('GET', `/ai-providers/${path}`);
      expect([code, body['code']]).toEqual([404, 'PROVIDER_NOT_FOUND']);
    },
  );
});

describe('alerts', () => {
  it('are there while a threshold is exceeded, one a rule and provider, and stay the same', async () => {
    const [service, upstream] = await Promise.all([
      RunningService.start({ AI_ALERT_LATENCY_MS: '1000', AI_BREAKER_FAILURE_THRESHOLD: '1000' }),
      FakeUpstream.start(),
    ]);
    const failing = await registerProvider(service, upstream, { retryAttempts: 1 });
    const dear = { inputTokenCost: 1_000_000, outputTokenCost: 0, currency: 'USD' };
    const slow = await registerProvider(service, upstream, { pricing: dear });
    const alerts = async (): Promise<Alert[]> =>
      (await service.call<Alert[]>('GET', '/ai-providers/alerts')).body;
    expect(await alerts()).toEqual([]);

    upstream.default(status(500));
    for (let count = 0; count < 4; count += 1) await complete(service, failing.id);
    expect(await alerts()).toEqual([]);
    await complete(service, failing.id);
    upstream.default({ answer: {}, delayMs: 1_100 });
    for (let count = 0; count < 5; count += 1) await complete(service, slow.id);

    const raised = await alerts();
    expect(raised).toEqual([
      expect.objectContaining({
        type: 'error_rate',
        severity: 'critical',
        providerId: failing.id,
        value: 100,
      }),
      expect.objectContaining({ type: 'error_rate', severity: 'warning', providerId: null, value: 50 }),
      expect.objectContaining({
        type: 'latency',
        severity: 'warning',
        providerId: slow.id,
        threshold: 1_000,
      }),
      expect.objectContaining({ type: 'cost', severity: 'info', providerId: slow.id, threshold: 100 }),
    ]);
    expect(raised[0]?.threshold).toBe(50);
    expect(await alerts()).toEqual(raised);
    await Promise.all([service.stop(), upstream.stop()]);
  }, 90_000);
});

describe('access to numbers', () => {
  it('is the monitor’s and the admin’s', async () => {
    const keyOf = (role: string): string => `${role}-secret-0001`;
    const keys = ['admin', 'client', 'monitor'].map((role) => `${role}:${role}:${keyOf(role)}`);
    const service = await RunningService.start({ AI_API_KEYS: keys.join(',') });
    for (const path of ['metrics', 'statistics/usage', 'statistics/cost', 'alerts']) {
      const codeOf = async (key: string): Promise<number> =>
        (await service.call('GET', `/ai-providers/${path}`, undefined, { 'x-api-key': key })).status;
      const codes: number[] = [];
      for (const role of ['admin', 'monitor', 'client']) codes.push(await codeOf(keyOf(role)));
      expect([...codes, await codeOf('')]).toEqual([200, 200, 403, 401]);
    }
    await service.stop();
  }, 90_000);
});

describe.each(Object.entries(ADAPTERS))('numbers in a host on %s', (_name, adapter) => {
  it('come as JSON and as CSV', async () => {
    const [settings, upstream] = await Promise.all([hostSettings(), FakeUpstream.start()]);
    const app = await startHost({ imports: [AIProvidersModule.forRoot(settings.options)] }, adapter());
    const url = `${await app.getUrl()}/api/ai-providers`;
    const providerId = await registerUpstream(app, upstream);
    await app.get(AIRequestManagerService).complete({ prompt: prompt(), providerId });
    const json = await fetch(`${url}/statistics/usage`);
    expect(await json.json()).toMatchObject({ totalRequests: 1 });
    const csv = await fetch(`${url}/statistics/usage`, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"');
    expect(await csv.text()).toMatch(/^date,start,totalRequests,[^\r]*\r\n\d{4}-\d\d-\d\d,[^,]+,1,1,0,0,\d+/);
    expect(await app.get(AIMonitoringService).metricsOf(providerId)).toMatchObject({ successfulRequests: 1 });
    await app.close();
    await Promise.all([settings.drop(), upstream.stop()]);
  }, 60_000);
});

const onServer = describeWith('PostgreSQL');

onServer('numbers on a PostgreSQL server', () => {
  const encryption = { AI_ENCRYPTION_KEY: 'k'.repeat(32), AI_ENCRYPTION_IV: 'i'.repeat(16) };
  let upstream: FakeUpstream;
  let directory: string;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let link: UnreliableLink;

  const startOn = (name: string): Promise<RunningService> =>
    RunningService.start({ ...encryption, DATABASE_URL: link.url, AI_DATA_DIR: join(directory, name) });

  beforeEach(async () => {
    [upstream, directory, database] = await Promise.all([
      FakeUpstream.start(),
      mkdtemp(join(tmpdir(), 'ai-providers-e2e-')),
      createThrowawayDatabase(),
    ]);
    await migrate({ connectionString: database.url });
    link = await UnreliableLink.open(database.url);
  });

  afterEach(async () => {
    await link.close();
    await Promise.all([upstream.stop(), database.drop(), rm(directory, { recursive: true, force: true })]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'survive a restart of the process (%s)',
    async (signal) => {
      const before = await startOn('one');
      const { id } = await registerProvider(before, upstream, { pricing: USD });
      for (let count = 0; count < 5; count += 1) await complete(before, id);
      await before.stop(signal);
      const after = await startOn('one');
      await eventually(10_000, async () => (await metricsOf(after, id)).totalRequests === 5);
      expect(await metricsOf(after, id)).toMatchObject({
        successfulRequests: 5,
        totalTokensUsed: upstream.bill.promptTokens + upstream.bill.completionTokens,
        totalCost: priceOf(upstream.bill, USD),
      });
      await after.stop();
    },
    90_000,
  );

  it('of two processes add up, and either answers for both', async () => {
    const services = await Promise.all([startOn('one'), startOn('two')]);
    const [one, two] = services;
    const { id } = await registerProvider(one, upstream, { pricing: USD });
    await eventually(5_000, async () => (await two.call('GET', `/ai-providers/${id}`)).status === 200);
    for (let count = 0; count < 3; count += 1)
      await Promise.all(services.map((service) => complete(service, id)));
    for (const service of services) {
      await eventually(5_000, async () => (await metricsOf(service, id)).totalRequests === 6);
      expect(await metricsOf(service, id)).toMatchObject({ totalCost: priceOf(upstream.bill, USD) });
    }
    expect(await metricsOf(one, id)).toEqual(await metricsOf(two, id));
    await Promise.all(services.map((service) => service.stop()));
  }, 90_000);

  it('are a 503 while the database is away, and whole when it is back', async () => {
    const service = await startOn('one');
    const { id } = await registerProvider(service, upstream, { pricing: USD });
    link.cut();
    expect([await complete(service, id), await complete(service, id)]).toEqual([200, 200]);
    for (const path of ['metrics', `metrics/${id}`, 'statistics/usage', 'statistics/cost', 'alerts']) {
      const { status: code, body } = await service.call('GET', `/ai-providers/${path}`);
      expect([code, body['code']]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    }
    link.restore();
    await eventually(15_000, async () => (await metricsOf(service, id)).totalRequests === 2);
    expect(await metricsOf(service, id)).toMatchObject({ totalCost: priceOf(upstream.bill, USD) });
    await service.stop();
  }, 90_000);
});
