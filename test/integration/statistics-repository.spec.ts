import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/infra/time/system-clock.js';
import type { RequestEvent } from '../../src/modules/ai-providers/interfaces/request-event.interface.js';
import type { StatisticsQuery } from '../../src/modules/ai-providers/statistics/statistics-cell.interface.js';
import { percentile } from '../../src/modules/ai-providers/ledger/rollups/latency-histogram.js';
import { RequestLogRepository } from '../../src/modules/ai-providers/ledger/request-log.repository.js';
import { StatisticsRepository } from '../../src/modules/ai-providers/statistics/statistics.repository.js';
import { costsOf, aggregateOf } from '../../src/modules/ai-providers/statistics/statistics-aggregate.js';
import { billFrom, billOf, failuresIn } from './support/bill.js';
import {
  attemptRecord,
  entriesOf,
  requestEvent,
  requestEvents,
  usageOf,
} from './support/request-event.fixture.js';
import { describeOnDatabases, type TestDatabase } from './support/test-database.js';

const START = Date.UTC(2026, 0, 1);
const END = Date.UTC(2027, 0, 1);
const YEAR: StatisticsQuery = { from: new Date(START), to: new Date(END), step: 'total', timezone: 'UTC' };

/** All that these tests record has ended by then. */
const afterwards = { ...systemClock, wallTime: () => END };

/** What a calendar on the wall there shows. */
function wallLabel(step: StatisticsQuery['step'], timeZone: string): (time: Date) => string {
  if (step === 'total') return () => '';
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    ...(step !== 'month' && { day: '2-digit' }),
    ...(step === 'hour' && { hour: '2-digit', timeZoneName: 'longOffset' }),
  });
  return (time) => format.format(time);
}

describeOnDatabases('the statistics', ({ open, isEmbedded }) => {
  const numRuns = isEmbedded ? 2 : 6;
  let place: TestDatabase;
  let log: RequestLogRepository;
  let statistics: StatisticsRepository;

  beforeAll(async () => {
    place = await open();
    log = new RequestLogRepository(place.database);
    statistics = new StatisticsRepository(place.database, afterwards);
  }, 120_000);

  const clear = async (): Promise<void> => {
    await place.database.client.aIRequest.deleteMany();
    await place.database.client.aIUsage.deleteMany();
    await place.database.client.aIFailure.deleteMany();
  };

  afterEach(clear);

  afterAll(() => place.close());

  it('equal a bill reckoned apart, to the last digit, when recorded twice and by two at once', async () => {
    const events = fc.array(requestEvents(START, END), { minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(events, fc.nat(), async (all, cut) => {
        const middle = cut % (all.length + 1);
        const counts = await Promise.all([
          log.record(entriesOf(all.slice(0, middle))),
          log.record(entriesOf([...all].reverse())),
          log.record(entriesOf(all)),
          log.record(entriesOf(all.slice(middle))),
        ]);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
        const cells = await statistics.read(YEAR);
        expect(billFrom(cells, () => '')).toEqual(billOf(all, () => ''));
        for (const caller of ['ann', 'bob']) {
          const own = all.filter((event) => event.caller === caller);
          const ofCaller = await statistics.read({ ...YEAR, caller });
          expect(billFrom(ofCaller, () => '')).toEqual(billOf(own, () => ''));
        }
        expect(await statistics.failuresByCode(YEAR)).toEqual(failuresIn(all));
        await clear();
      }),
      { numRuns: numRuns * 3, endOnFailure: true },
    );
  }, 60_000);

  it('add up to the same however fine the cells are', async () => {
    const events = fc.array(requestEvents(START, END), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(events, async (all) => {
        await log.record(entriesOf(all));
        const fine = aggregateOf(await statistics.read({ ...YEAR, step: 'month' }));
        for (const by of [['providerId'], ['model'], ['operation'], []] as const) {
          const cells = await statistics.read({ ...YEAR, step: 'month', by });
          const keys = cells.map((cell) => {
            const parts = by.map((name) => cell[name]);
            return JSON.stringify([cell.step, parts, cell.currency]);
          });
          expect(new Set(keys).size).toBe(keys.length);
          const { costs, latencySum, firstTokenSum, ...counts } = aggregateOf(cells);
          expect(counts).toEqual({
            ...fine,
            costs: undefined,
            latencySum: undefined,
            firstTokenSum: undefined,
          });
          expect(costsOf(aggregateOf(cells))).toEqual(costsOf(fine));
          expect([...costs.keys()].sort()).toEqual([...fine.costs.keys()].sort());
          expect(latencySum).toBeCloseTo(fine.latencySum, 3);
          expect(firstTokenSum).toBeCloseTo(fine.firstTokenSum, 3);
          const some = aggregateOf(await statistics.read({ ...YEAR, by, numbers: ['tokens'] }));
          expect([some.promptTokens, some.unknownUsage]).toEqual([fine.promptTokens, fine.unknownUsage]);
          expect([some.successful, some.failed, some.cached]).toEqual([
            fine.successful,
            fine.failed,
            fine.cached,
          ]);
          const { retried, latencySum: notAsked, latencies, failedByOutcome } = some;
          expect([retried, notAsked, latencies, failedByOutcome]).toEqual([0, 0, [], {}]);
          expect(some.costs.size).toBe(0);
        }
        await clear();
      }),
      { numRuns: numRuns * 2, endOnFailure: true },
    );
  }, 60_000);

  it.each([
    ['America/New_York', Date.UTC(2026, 2, 7), Date.UTC(2026, 2, 10)],
    ['America/New_York', Date.UTC(2026, 9, 30), Date.UTC(2026, 10, 3)],
    ['Asia/Kolkata', Date.UTC(2026, 0, 30), Date.UTC(2026, 1, 3)],
    ['Australia/Lord_Howe', Date.UTC(2026, 3, 3), Date.UTC(2026, 3, 7)],
    ['America/Havana', Date.UTC(2026, 2, 7), Date.UTC(2026, 2, 10)],
    ['Africa/Cairo', Date.UTC(2026, 3, 23), Date.UTC(2026, 3, 26)],
    ['UTC', Date.UTC(2026, 1, 26), Date.UTC(2026, 2, 2)],
  ])(
    'are cut into the hours, days and months of %s where its clocks change and months end',
    async (timezone, from, to) => {
      const all = fc.sample(requestEvents(from, to), { numRuns: 150, seed: from });
      await log.record(entriesOf(all));
      for (const step of ['hour', 'day', 'month'] as const) {
        const label = wallLabel(step, timezone);
        const cells = await statistics.read({ from: new Date(from), to: new Date(to), step, timezone });
        expect(billFrom(cells, label)).toEqual(billOf(all, label));
      }
    },
  );

  it('count exactly what ended from the begin of a range on and before its end, to the millisecond', async () => {
    const noon = Date.UTC(2026, 4, 5, 12, 30, 30, 500);
    const all = [-61_000, -1, 0, 1, 29_499, 29_500, 3_600_000].map((ms, index) =>
      requestEvent({ endedAt: noon + ms, caller: index % 2 === 0 ? 'ann' : null }),
    );
    await log.record(entriesOf(all));
    const successful = async (from: number, to: number, caller?: string): Promise<number> => {
      const range = { from: new Date(noon + from), to: new Date(noon + to) };
      const cells = await statistics.read({ ...YEAR, ...range, caller });
      return cells.reduce((sum, cell) => sum + cell.successful, 0);
    };
    expect(await successful(0, 1)).toBe(1);
    expect(await successful(-1, 29_500)).toBe(4);
    expect(await successful(0, 3_600_000)).toBe(4);
    expect(await successful(-61_000, 3_600_001)).toBe(7);
    expect(await successful(5, 5)).toBe(0);
    expect(await successful(-1, 29_500, 'ann')).toBe(2);
    expect(await successful(-61_000, 3_600_001, 'ann')).toBe(4);
  });

  it('count each failed request by its code, also one that reached nobody, and no caller’s own error', async () => {
    const noon = Date.UTC(2026, 4, 5, 12);
    const failed = attemptRecord({ outcome: 'server_error' });
    const failure = (code: RequestEvent['code'], ms: number, ...providers: string[]): RequestEvent =>
      requestEvent({
        code,
        endedAt: noon + ms,
        attempts: providers.map((providerId) => ({ ...failed, providerId })),
      });
    await log.record(
      entriesOf([
        failure('ALL_PROVIDERS_FAILED', 0, 'alpha', 'beta'),
        failure('ALL_PROVIDERS_FAILED', 86_400_000, 'beta', 'alpha'),
        failure('DEADLINE_EXCEEDED', 1_500, 'alpha'),
        failure('RATE_LIMITED', 60_000),
        failure('NO_PROVIDER_AVAILABLE', 3_600_000),
        failure('UPSTREAM_REJECTED_REQUEST', 0, 'alpha'),
        failure('CLIENT_CLOSED_REQUEST', 0),
        failure(null, 0, 'alpha'),
      ]),
    );
    const all = { ALL_PROVIDERS_FAILED: 2, DEADLINE_EXCEEDED: 1, RATE_LIMITED: 1, NO_PROVIDER_AVAILABLE: 1 };
    expect(await statistics.failuresByCode(YEAR)).toEqual(all);
    expect(await statistics.failuresByCode({ ...YEAR, providerId: 'alpha' })).toEqual({
      ALL_PROVIDERS_FAILED: 1,
      DEADLINE_EXCEEDED: 1,
    });
    expect(await statistics.failuresByCode({ ...YEAR, providerId: 'gamma' })).toEqual({});
    // From within a minute to within another: what the roll-ups cannot cut comes from the log.
    const part = { from: new Date(noon + 1), to: new Date(noon + 60_001) };
    expect(await statistics.failuresByCode(part)).toEqual({ DEADLINE_EXCEEDED: 1, RATE_LIMITED: 1 });
    expect(await statistics.failuresByCode({ ...part, providerId: 'alpha' })).toEqual({
      DEADLINE_EXCEEDED: 1,
    });
    expect(await statistics.failuresByCode({ from: part.to, to: new Date(noon + 60_002) })).toEqual({});
  });

  it('have the current minute whole in a range up to now', async () => {
    const now = Date.now();
    await log.record(entriesOf([requestEvent({ endedAt: now })]));
    await place.database.client.aIRequest.deleteMany();
    const current = new StatisticsRepository(place.database, systemClock);
    const [cell] = await current.read({
      ...YEAR,
      from: new Date(now - 60_000),
      to: new Date(Date.now() + 1),
    });
    expect(cell?.successful).toBe(1);
  });

  it('tell of one provider, under the name that it was last seen with', async () => {
    const renamed = attemptRecord({ providerName: 'Zeta' });
    const other = attemptRecord({ providerId: 'beta', providerName: 'Beta', outcome: 'timeout' });
    await log.record(entriesOf([requestEvent(), requestEvent({ attempts: [other, renamed] })]));
    const cells = await statistics.read({ ...YEAR, providerId: 'alpha' });
    expect(cells).toMatchObject([{ providerId: 'alpha', providerName: 'Zeta', successful: 2, fallbacks: 1 }]);
    expect(await statistics.read({ ...YEAR, providerId: 'beta' })).toMatchObject([
      { failed: 1, failedByOutcome: { timeout: 1 }, successful: 0, fallbacks: 0 },
    ]);
  });

  it('give back every number of a cell', async () => {
    const parts = { cachedPromptTokens: 40, cacheWriteTokens: 10, reasoningTokens: 30 };
    const usage = { ...usageOf(100, 50), ...parts };
    const endedAt = Date.UTC(2026, 2, 10, 12, 0, 1, 234);
    const attempts = [
      attemptRecord({ outcome: 'truncated', latency: 30, usage: usageOf(7, null), timeToFirstToken: 9 }),
      attemptRecord({ tryNumber: 2, latency: 70, usage, timeToFirstToken: 25 }),
    ];
    await log.record(entriesOf([requestEvent({ attempts, endedAt, streamed: true, recovered: true })]));
    const [cell] = await statistics.read({ ...YEAR, step: 'day' });
    expect(cell).toEqual({
      step: new Date(Date.UTC(2026, 2, 10)),
      providerId: 'alpha',
      providerName: 'Alpha',
      model: 'gpt-4',
      operation: 'chat',
      successful: 1,
      failed: 0,
      failedByOutcome: {},
      retried: 1,
      fallbacks: 0,
      streamed: 1,
      recovered: 1,
      rescued: 0,
      cached: 0,
      promptTokens: 107,
      completionTokens: 50,
      ...parts,
      unknownUsage: 0,
      inputCost: '0.00171',
      cachedInputCost: '0.0012',
      cacheWriteCost: '0.0003',
      outputCost: '0.003',
      currency: 'USD',
      latencySum: 100,
      latencies: expect.any(Array),
      firstTokenSum: 25,
      firstTokenCount: 1,
      firstUsedAt: new Date(endedAt),
      lastUsedAt: new Date(endedAt),
    });
    expect(percentile(cell?.latencies ?? [], 50)).toBe(100);
  });

  it('have beside them each request with what its tries cost, to the last digit', async () => {
    const pricing = {
      inputTokenCost: 0.1,
      outputTokenCost: 0.2,
      currency: 'EUR',
      source: 'provider' as const,
    };
    const attempts = [
      attemptRecord({ outcome: 'timeout', usage: usageOf(null, null), pricing }),
      attemptRecord({ tryNumber: 2, usage: usageOf(3, 1), pricing }),
    ];
    await log.record(entriesOf([requestEvent({ attempts })]));
    const row = await place.database.client.aIRequest.findFirst();
    expect(row?.attempts).toMatchObject([
      { cost: null },
      { cost: { input: '0.0003', output: '0.0002', total: '0.0005', currency: 'EUR' } },
    ]);
  });

  it('take text that a database refuses', async () => {
    const strange: Partial<RequestEvent> = {
      requestId: 'nul \0 half \ud83d whole 🎉 back\\u0000slash',
      metadata: { 'k\0': '\udc00' },
    };
    expect(await log.record(entriesOf([requestEvent(strange)]))).toBe(1);
    const row = await place.database.client.aIRequest.findFirst();
    expect(row?.requestId).toBe('nul \ufffd half \ufffd whole 🎉 back\\u0000slash');
  });

  it('keep of a caller’s old minutes and hours the days, and of all callers together everything', async () => {
    const endedAt = Date.UTC(2026, 2, 10, 12, 30);
    const noon = new Date(Date.UTC(2026, 2, 10, 12));
    await log.record(entriesOf([requestEvent({ endedAt, caller: 'ann' }), requestEvent({ endedAt })]));
    expect(await log.deleteSomeOfCallers(noon, 100)).toBe(0);
    const later = new Date(Date.UTC(2026, 3, 1));
    expect(await log.deleteSomeOfCallers(later, 1)).toBe(1);
    expect(await log.deleteSomeOfCallers(later, 100)).toBe(1);
    const successes = async (from: Date, caller?: string): Promise<number> =>
      aggregateOf(await statistics.read({ ...YEAR, from, caller })).successful;
    const counts = [
      successes(noon),
      successes(noon, 'ann'),
      successes(new Date(START)),
      successes(new Date(START), 'ann'),
    ];
    expect(await Promise.all(counts)).toEqual([2, 0, 2, 1]);
  });

  it('count a caller whose name no database holds, and one whose name is long', async () => {
    const names = ['nul \0', 'nul \ufffd', 'half \ud83d', 'a'.repeat(10_000)];
    await log.record(entriesOf(names.map((caller) => requestEvent({ caller }))));
    const counts = ['nul \ufffd', 'half \ufffd', 'a'.repeat(200), undefined].map(
      async (caller) => aggregateOf(await statistics.read({ ...YEAR, caller })).successful,
    );
    expect(await Promise.all(counts)).toEqual([2, 1, 1, 4]);
  });

  it('keep their totals when single requests are deleted, and delete none before its time', async () => {
    const dayMs = 86_400_000;
    const monthAgo = new Date(Date.now() - 30 * dayMs);
    const endedAt = monthAgo.getTime() - dayMs;
    const old = Array.from({ length: 5 }, () => requestEvent({ endedAt, code: 'OVERLOADED' }));
    const recent = requestEvent({ endedAt: Date.now() });
    await log.record(entriesOf([...old, recent]));
    expect(await log.deleteSome(monthAgo, 100)).toBe(0);
    await place.database.client.aIRequest.updateMany({ data: { recordedAt: new Date(0) } });
    expect(await log.deleteSome(monthAgo, 3)).toBe(3);
    expect(await log.deleteSome(monthAgo, 3)).toBe(2);
    expect((await place.database.client.aIRequest.findMany()).map(({ id }) => id)).toEqual([recent.id]);
    const from = new Date(Math.floor(monthAgo.getTime() / dayMs) * dayMs - 2 * dayMs);
    const days = { from, to: new Date(from.getTime() + 3 * dayMs) };
    const [cell] = await statistics.read({ ...YEAR, ...days });
    expect(cell?.successful).toBe(5);
    expect(await statistics.failuresByCode(days)).toEqual({ OVERLOADED: 5 });
  });
});
