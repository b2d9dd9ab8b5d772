import fc from 'fast-check';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { anyCell, cellOf, histogramOf } from '../../../../test/fakes/statistics-cell.js';
import type { StatisticsCell } from '../statistics/statistics-cell.interface.js';
import type { ProviderMetrics } from '../interfaces/monitoring/provider-metrics.interface.js';
import { metricsOf } from './provider-metrics.js';

const provider = providerConfig('p1', {
  name: 'One',
  pricing: { inputTokenCost: 1, outputTokenCost: 1, currency: 'EUR' },
});

function metrics(
  cells: StatisticsCell[],
  probes = { probes: 0, healthy: 0 },
  circuitOpenMs = 0,
): ProviderMetrics {
  const now = provider.createdAt.getTime() + 100_000;
  return metricsOf({ provider, cells, circuitState: 'CLOSED', probes, circuitOpenMs, now });
}

describe('metricsOf', () => {
  it('is zeros, nulls and an uptime of 100 where there was nothing', () => {
    expect(metrics([])).toEqual({
      providerId: 'p1',
      providerName: 'One',
      totalRequests: 0,
      successfulRequests: 0,
      failedRequests: 0,
      cachedRequests: 0,
      averageLatency: 0,
      latency: { p50: null, p95: null, p99: null },
      timeToFirstToken: null,
      totalTokensUsed: 0,
      totalCost: 0,
      currency: 'EUR',
      errorRate: 0,
      uptime: 100,
      circuitState: 'CLOSED',
      circuitOpenMs: 0,
      lastUsedAt: null,
    });
  });

  it('adds up the cells of all models', () => {
    const cells = [
      cellOf({
        successful: 3,
        promptTokens: 10,
        completionTokens: 5,
        currency: 'USD',
        inputCost: '0.1',
        outputCost: '0.2',
        latencySum: 300,
        latencies: histogramOf(100, 100, 100),
      }),
      cellOf({
        model: 'm2',
        failed: 1,
        failedByOutcome: { timeout: 1 },
        latencySum: 500,
        latencies: histogramOf(500),
      }),
    ];
    expect(metrics(cells)).toMatchObject({
      totalRequests: 4,
      averageLatency: 200,
      totalTokensUsed: 15,
      totalCost: 0.3,
      currency: 'USD',
      errorRate: 25,
      uptime: 75,
    });
  });

  it('counts as down what was not reached, and not what was refused', () => {
    const failedByOutcome = { connection: 1, server_error: 1, authentication: 1, rate_limited: 1 };
    const cells = [cellOf({ successful: 4, failed: 4, failedByOutcome })];
    expect(metrics(cells)).toMatchObject({ errorRate: 50, uptime: 75 });
  });

  it('lets failed probes count where there was no traffic', () => {
    expect(metrics([], { probes: 4, healthy: 1 })).toMatchObject({ errorRate: 0, uptime: 25 });
  });

  it('counts the time in which the circuit was open as down', () => {
    expect(metrics([], undefined, 25_000)).toMatchObject({ uptime: 75, circuitOpenMs: 25_000 });
    const half = cellOf({ successful: 1, failed: 1, failedByOutcome: { timeout: 1 } });
    expect(metrics([half], undefined, 50_000).uptime).toBe(25);
    expect(metrics([half], undefined, 1e9).uptime).toBe(0);
  });

  it('takes the average over what vendors answered, not the cache', () => {
    const cells = [cellOf({ successful: 10, cached: 8, latencySum: 400, latencies: histogramOf(200, 200) })];
    expect(metrics(cells).averageLatency).toBe(200);
  });

  it('has no cost, rather than none, where requests had no price', () => {
    expect(metrics([cellOf({ successful: 1 })]).totalCost).toBeNull();
  });

  it('shows the sum of the currency used last, and adds no two together', () => {
    const cells = [
      cellOf({ successful: 1, currency: 'USD', inputCost: '5', outputCost: '0', lastUsedAt: new Date(1) }),
      cellOf({ successful: 1, currency: 'EUR', inputCost: '2', outputCost: '0', lastUsedAt: new Date(2) }),
    ];
    expect(metrics(cells)).toMatchObject({ totalCost: 2, currency: 'EUR' });
  });

  it('keeps its rates between 0 and 100 and its requests in balance', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 12 }), (cells) => {
        const { totalRequests, successfulRequests, failedRequests, errorRate, uptime } = metrics(cells);
        expect(totalRequests).toBe(successfulRequests + failedRequests);
        for (const rate of [errorRate, uptime]) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
