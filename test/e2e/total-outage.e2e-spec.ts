import type { Alert } from '../../src/modules/ai-providers/interfaces/monitoring/alert.interface.js';
import type { HealthReport } from '../../src/modules/ai-providers/interfaces/monitoring/health.interface.js';
import type { ProviderMetrics } from '../../src/modules/ai-providers/interfaces/monitoring/provider-metrics.interface.js';
import type {
  PerformanceReport,
  RequestReport,
} from '../../src/modules/ai-providers/interfaces/monitoring/statistics-report.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const GOOD = 120;
const LOST = 200;

let serial = 0;
const complete = (service: RunningService): Promise<{ status: number }> =>
  service.call('POST', '/ai-providers/complete', { prompt: `Question ${++serial}` });

const statusesOf = async (service: RunningService, count: number): Promise<Record<number, number>> => {
  const counts: Record<number, number> = {};
  for (let made = 0; made < count; made += 1) {
    const answer = await complete(service);
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
  }
  return counts;
};

describe('an outage of every vendor', () => {
  let service: RunningService;
  let vendors: FakeUpstream[];
  let ids: string[];

  const read = async <T>(path: string): Promise<T> =>
    (await service.call<T>('GET', `/ai-providers/${path}`)).body;
  const alertsOf = async (): Promise<string[]> => {
    const alerts = await read<Alert[]>('alerts');
    return alerts.map(({ type, severity, providerId }) => `${type} ${severity} ${providerId ?? 'service'}`);
  };

  beforeAll(async () => {
    [service, ...vendors] = await Promise.all([
      RunningService.start({ AI_BREAKER_TIMEOUT_MS: '3000' }),
      FakeUpstream.start(),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    ids = await Promise.all(
      vendors.map(async (vendor) => (await registerProvider(service, vendor, { retryAttempts: 1 })).id),
    );
  }, 90_000);

  afterAll(async () => {
    await Promise.all([service.stop(), ...vendors.map((vendor) => vendor.stop())]);
  });

  it('is told where operators look: health, alerts, statistics, metrics', async () => {
    expect(await statusesOf(service, GOOD)).toEqual({ 200: GOOD });
    expect((await read<HealthReport>('health/check?refresh=true')).status).toBe('healthy');
    expect(await alertsOf()).toEqual([]);

    for (const vendor of vendors) vendor.default(status(500));
    const lost = await statusesOf(service, LOST);
    expect((lost[502] ?? 0) + (lost[503] ?? 0)).toBe(LOST);
    expect(lost[503]).toBeGreaterThan(LOST / 2);

    const health = await service.call<HealthReport>('GET', '/ai-providers/health/check');
    expect([health.status, health.body.status]).toEqual([503, 'unhealthy']);
    for (const provider of health.body.providers) expect(provider.healthy).toBe(false);

    const alerts = await alertsOf();
    expect(alerts).toContain('error_rate critical service');
    expect(alerts).toContain('unanswered_requests critical service');
    for (const id of ids) {
      expect(alerts).toContain(`circuit_open critical ${id}`);
      expect(alerts).toContain(`error_rate critical ${id}`);
    }

    const report = await read<RequestReport>('statistics/requests');
    expect(report.callers).toEqual({ answered: GOOD, rescued: 0, failed: LOST });
    for (const kind of ['usage', 'cost', 'performance']) {
      expect(await read<RequestReport>(`statistics/${kind}`)).toMatchObject({ callers: report.callers });
    }
    const { throughput } = await read<PerformanceReport>('statistics/performance');
    expect(throughput.requestsPerMinute).toBeGreaterThan(GOOD / 2);

    for (const id of ids) {
      const { circuitOpenMs, uptime } = await read<ProviderMetrics>(`metrics/${id}`);
      expect(circuitOpenMs).toBeGreaterThan(0);
      expect(uptime).toBeLessThan(95);
    }
  }, 60_000);

  it('is over when a vendor answers again: its circuit closes, and so do its alerts', async () => {
    const [first, ...others] = vendors;
    first?.default({ text: 'Back' });
    for (const vendor of others) vendor.default(status(500));
    const deadline = Date.now() + 30_000;
    let circuits = '';
    while (Date.now() < deadline && !circuits.startsWith('CLOSED')) {
      await complete(service);
      const { providers } = await read<HealthReport>('health/check');
      circuits = ids
        .map((id) => providers.find(({ providerId }) => providerId === id)?.circuitState ?? '')
        .join();
    }
    expect(circuits).toMatch(/^CLOSED,/);
    const report = await service.call<HealthReport>('GET', '/ai-providers/health/check?refresh=true');
    expect([report.status, report.body.status]).toEqual([200, 'degraded']);
    const alerts = await alertsOf();
    expect(
      alerts.filter((alert) => alert.startsWith('circuit_open') && alert.endsWith(ids[0] ?? '')),
    ).toEqual([]);
    expect(alerts).toContain(`circuit_open warning ${ids[1]}`);
    const { circuitOpenMs } = await read<ProviderMetrics>(`metrics/${ids[0]}`);
    expect((await read<ProviderMetrics>(`metrics/${ids[0]}`)).circuitOpenMs).toBe(circuitOpenMs);
  }, 60_000);
});

describe('a vendor that fails beside one that answers', () => {
  it('is felt by no caller, and told as rescued', async () => {
    const [service, failing, serving] = await Promise.all([
      RunningService.start({ AI_BREAKER_FAILURE_THRESHOLD: '1000' }),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    failing.default(status(500));
    await registerProvider(service, failing, { retryAttempts: 1, priority: 10 });
    await registerProvider(service, serving);
    expect(await statusesOf(service, 6)).toEqual({ 200: 6 });
    const { body } = await service.call<RequestReport>('GET', '/ai-providers/statistics/requests');
    expect(body.callers).toEqual({ answered: 6, rescued: 6, failed: 0 });
    const { body: alerts } = await service.call<Alert[]>('GET', '/ai-providers/alerts');
    expect(alerts.map(({ type, providerId }) => [type, providerId === null])).toEqual([
      ['error_rate', false],
    ]);
    await Promise.all([service.stop(), failing.stop(), serving.stop()]);
  }, 90_000);
});
