import fc from 'fast-check';
import { anyCell, cellOf, histogramOf } from '../../../../test/fakes/statistics-cell.js';
import type { AlertFinding } from '../interfaces/monitoring/alert.interface.js';
import type { StatisticsCell } from '../statistics/statistics-cell.interface.js';
import { judgeProvider, judgeService, type ProviderRecord } from './alert-rules.js';

const THRESHOLDS = {
  errorRateCritical: 50,
  errorRateWarning: 20,
  latencyMs: 10_000,
  cost: 100,
  minRequests: 5,
};

function found(
  lastHour: StatisticsCell[],
  thisMonth: StatisticsCell[] = [],
  more: Partial<ProviderRecord> = {},
): AlertFinding[] {
  const circuit = { skippedByCircuit: 0, circuitOpenMs: null, hasAlternative: true };
  return judgeProvider(
    { providerId: 'p1', providerName: 'One', lastHour, thisMonth, ...circuit, ...more },
    THRESHOLDS,
  );
}

const rate = (successful: number, failed: number): AlertFinding[] => found([cellOf({ successful, failed })]);
const cost = (...amounts: [string, string][]): AlertFinding[] =>
  found(
    [],
    amounts.map(([currency, inputCost]) => cellOf({ successful: 1, currency, inputCost, outputCost: '0' })),
  );

describe('judgeProvider', () => {
  it('warns above 20 % errors and is critical above 50 %, never both', () => {
    expect(rate(80, 20)).toEqual([]);
    expect(rate(79, 21)).toEqual([
      expect.objectContaining({ type: 'error_rate', severity: 'warning', value: 21, threshold: 20 }),
    ]);
    expect(rate(50, 50)).toEqual([expect.objectContaining({ severity: 'warning' })]);
    expect(rate(49, 51)).toEqual([
      expect.objectContaining({ severity: 'critical', value: 51, threshold: 50 }),
    ]);
  });

  it('says nothing of rates by fewer than five requests', () => {
    expect(rate(0, 4)).toEqual([]);
    expect(rate(0, 5)).toHaveLength(1);
    expect(
      found([cellOf({ successful: 4, latencySum: 400_000, latencies: histogramOf(1, 1, 1, 1) })]),
    ).toEqual([]);
  });

  it('warns above ten seconds on average', () => {
    const latencies = histogramOf(1, 1, 1, 1, 1);
    expect(found([cellOf({ successful: 5, latencySum: 50_000, latencies })])).toEqual([]);
    const slow = cellOf({ successful: 9, cached: 4, latencySum: 50_005, latencies });
    expect(found([slow])).toEqual([
      expect.objectContaining({ type: 'latency', severity: 'warning', value: 10_001, threshold: 10_000 }),
    ]);
    expect(found([{ ...slow, cached: 5 }])).toEqual([]);
  });

  it('notes a cost above 100 in one currency, and adds no two together', () => {
    expect(cost(['USD', '100'])).toEqual([]);
    expect(cost(['USD', '99'], ['EUR', '99'])).toEqual([]);
    expect(cost(['USD', '99'], ['EUR', '100.000001'], ['USD', '1'])).toEqual([
      expect.objectContaining({ type: 'cost', severity: 'info', value: 100.000001, threshold: 100 }),
    ]);
  });

  it('counts requests that were never sent because of the circuit as failed', () => {
    expect(found([cellOf({ successful: 100, failed: 10 })], [], { skippedByCircuit: 200 })).toEqual([
      expect.objectContaining({ type: 'error_rate', severity: 'critical', value: (210 / 310) * 100 }),
    ]);
    expect(found([], [], { skippedByCircuit: 5 })).toEqual([expect.objectContaining({ value: 100 })]);
  });

  it('warns of an open circuit, critically where nobody else can be asked', () => {
    const open = { circuitOpenMs: 61_234 };
    expect(found([], [], open)).toEqual([
      expect.objectContaining({ type: 'circuit_open', severity: 'warning', value: 61_234 }),
    ]);
    expect(found([], [], { ...open, hasAlternative: false })).toEqual([
      expect.objectContaining({ type: 'circuit_open', severity: 'critical' }),
    ]);
  });

  it('finds each rule once at most, and only what exceeds its threshold', () => {
    const cells = fc.array(anyCell, { maxLength: 10 });
    fc.assert(
      fc.property(cells, cells, (lastHour, thisMonth) => {
        const findings = found(lastHour, thisMonth);
        expect(new Set(findings.map(({ type }) => type)).size).toBe(findings.length);
        for (const { value, threshold } of findings) expect(value).toBeGreaterThan(threshold);
      }),
    );
  });
});

describe('judgeService', () => {
  const judged = (answered: number, failed: number, unanswered = 0): AlertFinding[] =>
    judgeService({ callers: { answered, failed }, unanswered }, THRESHOLDS);

  it('judges what callers got, whatever providers did', () => {
    expect(judged(100, 0)).toEqual([]);
    expect(judged(80, 20)).toEqual([]);
    expect(judged(120, 200)).toEqual([
      expect.objectContaining({ type: 'error_rate', severity: 'critical', providerId: null, value: 62.5 }),
    ]);
    expect(judged(0, 4)).toEqual([]);
  });

  it('tells of requests that found nobody to ask, critically where they are most', () => {
    expect(judged(100, 1, 1)).toEqual([
      expect.objectContaining({
        type: 'unanswered_requests',
        severity: 'warning',
        providerId: null,
        value: 1,
      }),
    ]);
    expect(judged(1, 2, 2).map(({ type, severity }) => [type, severity])).toEqual([
      ['unanswered_requests', 'critical'],
    ]);
  });
});
