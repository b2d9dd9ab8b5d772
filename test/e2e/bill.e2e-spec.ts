import { Decimal } from 'decimal.js';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import type {
  AIProviderType,
  Pricing,
} from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import type {
  CostReport,
  RequestReport,
  UsageReport,
} from '../../src/modules/ai-providers/interfaces/monitoring/statistics-report.interface.js';
import type { Bill } from '../../src/modules/ai-providers/interfaces/usage.interface.js';
import { cutText } from '../fakes/upstream/dialect.js';
import {
  answer,
  cutAfter,
  reset,
  stall,
  status,
  type FakeAnswer,
  type FakeUsage,
} from '../fakes/upstream/upstream-script.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { randomOfRun } from '../fakes/seeded-random.js';
import { describeWith } from '../services/with-services.js';
import { BillingUpstream, chargesFor, totalOf, type Charges } from './support/billing.upstream.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { registerProvider, TYPES } from './support/providers.js';
import { RunningService, type Answer } from './support/running-service.js';

const REQUESTS = 240;
const AT_ONCE = 8;
const CHUNKS = 4;
/** How many of them have come when a stream breaks or its reader leaves. */
const CHUNKS_SEEN = 2;

const PRICES: Record<AIProviderType, Pricing> = {
  OPENAI: {
    inputTokenCost: 0.00015,
    outputTokenCost: 0.0006,
    cachedInputTokenCost: 0.000075,
    currency: 'USD',
    tiers: [{ abovePromptTokens: 3_000, inputTokenCost: 0.0003, outputTokenCost: 0.0011 }],
  },
  ANTHROPIC: {
    inputTokenCost: 0.0000333,
    outputTokenCost: 0.0150007,
    cachedInputTokenCost: 0.00000333,
    cacheWriteTokenCost: 0.000041625,
    cacheWrite1hTokenCost: 0.0000666,
    currency: 'USD',
  },
  GOOGLE: {
    inputTokenCost: 0.1,
    outputTokenCost: 0.2,
    cachedInputTokenCost: 0.025,
    currency: 'EUR',
    tiers: [
      { abovePromptTokens: 4_000, inputTokenCost: 0.3, outputTokenCost: 0.35, cachedInputTokenCost: 0.07 },
      { abovePromptTokens: 1_000, inputTokenCost: 0.2, outputTokenCost: 0.3, cachedInputTokenCost: 0.05 },
    ],
  },
  // What is read from the cache costs as input, an hour's write as any.
  CUSTOM: { inputTokenCost: 7, outputTokenCost: 0.000000013, cacheWriteTokenCost: 8.75, currency: 'EUR' },
};

type Kind =
  | 'plain'
  | 'streamed'
  | 'retried'
  | 'failed over'
  | 'failed'
  | 'refused'
  | 'of another model'
  | 'uncounted by the vendor'
  | 'cut and recovered'
  | 'left by its reader'
  | 'cached';

/** The cost of an answer as it must be shown. */
function shown(
  { input, cachedInput, cacheWrite, output }: Charges,
  usage: FakeUsage,
  currency: string,
): object {
  return {
    input: input.toNumber(),
    ...((usage.cached ?? 0) > 0 && { cachedInput: cachedInput.toNumber() }),
    ...((usage.cacheWrite ?? 0) > 0 && { cacheWrite: cacheWrite.toNumber() }),
    output: output.toNumber(),
    total: totalOf({ input, cachedInput, cacheWrite, output }).toNumber(),
    currency,
    source: 'provider',
  };
}

const onServer = describeWith('PostgreSQL');

onServer('a random run', () => {
  let service: RunningService;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  const upstreams = new Map<string, BillingUpstream>();
  const random = randomOfRun();
  const below = (count: number): number => Math.floor(random() * count);
  const drawn = <T>(items: readonly T[]): T => items[below(items.length)] as T;

  beforeAll(async () => {
    database = await createThrowawayDatabase();
    await migrate({ connectionString: database.url });
    service = await RunningService.start({
      DATABASE_URL: database.url,
      AI_CACHE_TTL_SECONDS: '300',
      AI_BREAKER_FAILURE_THRESHOLD: '10000',
      AI_RETRY_INITIAL_DELAY_MS: '1',
    });
  }, 90_000);

  afterAll(async () => {
    await Promise.all([service.stop(), ...[...upstreams.values()].map(({ upstream }) => upstream.stop())]);
    await database.drop();
  });

  async function register(
    type: (typeof TYPES)[number],
    name: string,
    priority: number,
  ): Promise<BillingUpstream> {
    const billing = await BillingUpstream.start(PRICES[type]);
    const settings = { type, name, priority, model: `model of ${type}`, pricing: PRICES[type] };
    upstreams.set((await registerProvider(service, billing.upstream, settings)).id, billing);
    return billing;
  }

  const idOf = (wanted: BillingUpstream): string | undefined =>
    [...upstreams].find(([, billing]) => billing === wanted)?.[0];

  function someUsage(type: AIProviderType): FakeUsage {
    const usage: FakeUsage = { prompt: 1 + below(5_000), completion: 1 + below(5_000) };
    if (random() < 0.5) usage.cached = below(usage.prompt / 2);
    if (random() < 0.5) usage.reasoning = below(usage.completion);
    if (random() < 0.5 && (type === 'ANTHROPIC' || type === 'CUSTOM')) {
      usage.cacheWrite = below(usage.prompt / 2);
      if (random() < 0.7) usage.cacheWrite1h = below(usage.cacheWrite);
    }
    return usage;
  }

  const complete = (body: object): Promise<Answer<CompletionResponse>> =>
    service.call('POST', '/ai-providers/complete', body);
  const ask = (body: object): Promise<number> => complete(body).then(({ status: code }) => code);

  it('costs to the last digit what the vendors charge, whatever became of its requests', async () => {
    const vendors = await Promise.all(
      TYPES.map(async (type) => ({
        type,
        first: await register(type, `${type} first`, 10),
        second: await register(type, `${type} second`, 5),
      })),
    );
    const bodies: object[] = [];
    const counts: Partial<Record<Kind, number>> = {};

    const one = async (number: number): Promise<void> => {
      const { type, first, second } = drawn(vendors);
      const prompt = `bill-${number}-bill`;
      const words = Array.from({ length: 4 + below(40) }, () => drawn(['one', 'zwei', 'trois ']));
      const usage = someUsage(type);
      const said: FakeAnswer = { text: words.join(' '), chunks: CHUNKS, usage };
      const call = { name: 'weather', arguments: '{"city":"Paris"}' };
      const calling: FakeAnswer = random() < 0.3 ? { ...said, toolCalls: [call] } : said;
      const { currency } = PRICES[type];
      const costs = shown(chargesFor(usage, PRICES[type]), usage, currency);
      const seen = cutText(words.join(' '), CHUNKS).slice(0, CHUNKS_SEEN).join('');
      const body = { prompt, model: `model of ${type}` };
      const isOpenAIs = type === 'OPENAI' || type === 'CUSTOM';
      const kinds: Kind[] = [
        'plain',
        'streamed',
        'retried',
        'failed over',
        'failed',
        'refused',
        'of another model',
        'uncounted by the vendor',
      ];
      // The others report the prompt's tokens before the text, a number that this upstream only bills at the end.
      if (isOpenAIs) kinds.push('cut and recovered', 'left by its reader');
      if (bodies.length > 0) kinds.push('cached');
      const kind = drawn(kinds);
      counts[kind] = (counts[kind] ?? 0) + 1;
      switch (kind) {
        case 'plain':
        case 'streamed':
        case 'retried': {
          first.plan(prompt, ...(kind === 'retried' ? [drawn([status(503), reset()])] : []), answer(calling));
          const answered =
            kind === 'streamed'
              ? (await streamCompletion(service.url, body)).chunks.at(-1)
              : (await complete(body)).body;
          expect(answered).toMatchObject({ cost: costs });
          bodies.push(body);
          return;
        }
        case 'failed over':
          first.plan(prompt, status(401));
          second.plan(prompt, answer(calling));
          expect((await complete(body)).body.cost).toEqual(costs);
          return;
        case 'failed':
          expect(await ask(body)).toBe(502);
          return;
        case 'refused':
          first.plan(prompt, status(400, { message: 'no such parameter' }));
          expect(await ask(body)).toBe(400);
          return;
        case 'of another model':
          first.plan(prompt, answer(calling));
          first.withoutPrice(usage);
          expect((await complete({ prompt, providerId: idOf(first), model: 'unpriced' })).body).toMatchObject(
            {
              usage: { promptTokens: usage.prompt, source: 'reported' },
              cost: null,
            },
          );
          return;
        case 'uncounted by the vendor': {
          first.plan(prompt, answer({ ...calling, usage: null }));
          const { body: counted } = await complete(body);
          const calls = calling.toolCalls ? [call.name, call.arguments] : [];
          const estimated = await first.sent(prompt, [words.join(' '), ...calls].join('\n'));
          expect(counted.cost).toEqual(shown(chargesFor(estimated, PRICES[type]), estimated, currency));
          return;
        }
        case 'cut and recovered':
          first.plan(prompt, cutAfter(CHUNKS_SEEN, said), answer(said));
          expect((await streamCompletion(service.url, body)).done).toBe(true);
          await first.brokeOff(prompt, seen);
          return;
        case 'left by its reader': {
          first.plan(prompt, stall({ events: CHUNKS_SEEN }, said));
          const reader = new AbortController();
          const leaves = streamCompletion(
            service.url,
            body,
            (events) => {
              const text = events
                .map(({ data }) => (JSON.parse(data) as { content: string }).content)
                .join('');
              if (text === seen) reader.abort();
            },
            reader.signal,
          );
          await expect(leaves).rejects.toThrow();
          await first.brokeOff(prompt, seen);
          return;
        }
        case 'cached':
          expect(await ask(drawn(bodies))).toBe(200);
      }
    };
    for (let number = 0; number < REQUESTS; number += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(number + index)));

    const read = async <T>(kind: string): Promise<T> =>
      (await service.call<T>('GET', `/ai-providers/statistics/${kind}`)).body;
    const requests = await read<RequestReport>('requests');
    const usage = await read<UsageReport>('usage');
    const cost = await read<CostReport>('cost');
    expect(requests).toMatchObject({ inFlight: 0, queued: 0, cachedRequests: counts.cached ?? 0 });
    const totals = new Map<string, Decimal>();
    const logged = await loggedBills();
    const { text: metrics } = await service.call('GET', '/metrics');
    for (const [id, billing] of upstreams) {
      const { tokens, uncharged, charges } = billing;
      const used = usage.byProvider.find(({ providerId }) => providerId === id);
      // What broke off is estimated at once, from as much of it as there is time for.
      for (const [counted, charged, broken] of [
        [used?.promptTokens ?? 0, tokens.prompt, uncharged.prompt],
        [used?.completionTokens ?? 0, tokens.completion, uncharged.completion],
      ] as const) {
        expect(counted - charged).toBeGreaterThanOrEqual(0.5 * broken);
        expect(counted - charged).toBeLessThanOrEqual(1.5 * broken);
      }
      expect([used?.cachedPromptTokens ?? 0, used?.cacheWriteTokens ?? 0]).toEqual([
        tokens.cached,
        tokens.written,
      ]);
      const { currency } = billing.pricing;
      const total = totalOf(charges);
      totals.set(currency, total.add(totals.get(currency) ?? 0));
      const charged = cost.byProvider.find((row) => row.providerId === id && row.currency === currency);
      expect([
        charged?.inputCost ?? 0,
        charged?.cachedInputCost ?? 0,
        charged?.cacheWriteCost ?? 0,
        charged?.outputCost ?? 0,
        charged?.totalCost ?? 0,
      ]).toEqual(
        [charges.input, charges.cachedInput, charges.cacheWrite, charges.output, total].map((sum) =>
          sum.toNumber(),
        ),
      );
      const bills = logged.get(id) ?? [];
      const sumOfLog = (name: keyof Charges | 'total'): string =>
        bills.reduce((sum, bill) => sum.add(bill[name] ?? 0), new Decimal(0)).toFixed();
      expect(sumOfLog('total')).toBe(total.toFixed());
      for (const name of ['input', 'cachedInput', 'cacheWrite', 'output'] as const)
        expect([name, sumOfLog(name)]).toEqual([name, charges[name].toFixed()]);
      const series = new RegExp(`^ai_providers_cost_total\\{.*provider_id="${id}".*\\} (\\S+)$`, 'm');
      const scraped = Number(series.exec(metrics)?.[1] ?? 0);
      expect(Math.abs(scraped - total.toNumber())).toBeLessThanOrEqual(1e-12 * total.toNumber());
    }
    expect(cost.totals.map(({ currency, totalCost }) => [currency, totalCost]).sort()).toEqual(
      [...totals].map(([currency, sum]) => [currency, sum.toNumber()]).sort(),
    );
  }, 120_000);

  /** What the rows of the request log say that each provider's tries cost. */
  async function loggedBills(): Promise<Map<string, Bill[]>> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ providerId: string; cost: Bill }>(
        `SELECT "attempt"->>'providerId' AS "providerId", "attempt"->'cost' AS "cost"
           FROM "AIRequest", jsonb_array_elements("attempts") AS "attempt"
          WHERE jsonb_typeof("attempt"->'cost') = 'object'`,
      );
      const bills = new Map<string, Bill[]>();
      for (const { providerId, cost } of rows)
        bills.set(providerId, [...(bills.get(providerId) ?? []), cost]);
      return bills;
    } finally {
      await client.end();
    }
  }
});
