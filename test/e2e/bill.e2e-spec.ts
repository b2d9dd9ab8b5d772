import { Decimal } from 'decimal.js';
import { TokenEstimator } from '../../src/infra/tokenizer/token-estimator.js';
import type {
  CostReport,
  RequestReport,
  UsageReport,
} from '../../src/modules/ai-providers/interfaces/statistics-report.interface.js';
import { cutText, type AskedRequest } from '../fakes/upstream/dialect.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import {
  answer,
  cutAfter,
  reset,
  stall,
  status,
  type FakeAnswer,
  type Script,
} from '../fakes/upstream/upstream-script.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { registerProvider, TYPES } from './support/providers.js';
import { RunningService } from './support/running-service.js';
import { seeded } from './support/soak.traffic.js';

const REQUESTS = 240;
const AT_ONCE = 8;
const CHUNKS = 4;
/** How many of them have come when a stream breaks or its reader leaves. */
const CHUNKS_SEEN = 2;

const PRICES = {
  OPENAI: { inputTokenCost: 0.00015, outputTokenCost: 0.0006, currency: 'USD' },
  ANTHROPIC: { inputTokenCost: 0.0000333, outputTokenCost: 0.0150007, currency: 'USD' },
  GOOGLE: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'EUR' },
  CUSTOM: { inputTokenCost: 7, outputTokenCost: 0.000000013, currency: 'EUR' },
} as const;

type Kind =
  | 'plain'
  | 'streamed'
  | 'retried'
  | 'failed over'
  | 'failed'
  | 'refused'
  | 'uncounted by the vendor'
  | 'cut and recovered'
  | 'left by its reader'
  | 'cached';

/** Tokens that a vendor would charge without having said so. */
interface Tokens {
  prompt: number;
  completion: number;
}

/** An upstream that remembers what it would charge: what it reported, and what it had sent when an answer broke off. */
class BillingUpstream {
  private readonly scripts = new Map<string, Script[]>();
  private readonly unreported: Tokens = { prompt: 0, completion: 0 };
  /** Of these, what broke off: it is counted, but nobody knows whether it is charged for. */
  private readonly broken: Tokens = { prompt: 0, completion: 0 };
  private readonly tokenizer = new TokenEstimator();

  private constructor(readonly upstream: FakeUpstream) {
    upstream.defaultBy((request) => this.scriptFor(request));
  }

  static async start(): Promise<BillingUpstream> {
    return new BillingUpstream(await FakeUpstream.start());
  }

  plan(prompt: string, ...scripts: Script[]): void {
    this.scripts.set(prompt, scripts);
  }

  /** `text` was sent for `prompt`, and no usage with it. */
  async sent(prompt: string, text: string): Promise<void> {
    const [asked, said] = await Promise.all([this.tokenizer.count(prompt), this.tokenizer.count(text)]);
    this.unreported.prompt += asked;
    this.unreported.completion += said;
  }

  /** `text` was sent for `prompt` before the answer broke off. */
  async brokeOff(prompt: string, text: string): Promise<void> {
    const [asked, said] = await Promise.all([this.tokenizer.count(prompt), this.tokenizer.count(text)]);
    this.broken.prompt += asked;
    this.broken.completion += said;
  }

  /** What is counted beyond what is charged for. */
  get uncharged(): Tokens {
    return this.broken;
  }

  get tokens(): Tokens {
    const { promptTokens, completionTokens } = this.upstream.bill;
    return {
      prompt: promptTokens + this.unreported.prompt,
      completion: completionTokens + this.unreported.completion,
    };
  }

  private scriptFor({ rawBody }: AskedRequest): Script {
    const prompt = /bill-\d+-bill/.exec(rawBody)?.[0] ?? '';
    return this.scripts.get(prompt)?.shift() ?? status(500);
  }
}

describe('a random run', () => {
  let service: RunningService;
  const upstreams = new Map<string, BillingUpstream>();
  const random = seeded(Date.now());
  const drawn = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

  beforeAll(async () => {
    service = await RunningService.start({
      AI_CACHE_TTL_SECONDS: '300',
      AI_BREAKER_FAILURE_THRESHOLD: '10000',
      AI_RETRY_INITIAL_DELAY_MS: '1',
    });
  }, 90_000);

  afterAll(() =>
    Promise.all([service.stop(), ...[...upstreams.values()].map(({ upstream }) => upstream.stop())]),
  );

  async function register(
    type: (typeof TYPES)[number],
    name: string,
    priority: number,
  ): Promise<BillingUpstream> {
    const billing = await BillingUpstream.start();
    const settings = { type, name, priority, model: `model of ${type}`, pricing: PRICES[type] };
    upstreams.set((await registerProvider(service, billing.upstream, settings)).id, billing);
    return billing;
  }

  const ask = (body: object): Promise<number> =>
    service.call('POST', '/ai-providers/complete', body).then(({ status: code }) => code);

  it('costs to the last digit what the vendors charge, whatever became of its requests', async () => {
    const vendors = await Promise.all(
      TYPES.map(async (type) => ({
        type,
        first: await register(type, `${type} first`, 10),
        second: await register(type, `${type} second`, 5),
      })),
    );
    const answered: object[] = [];
    const counts: Partial<Record<Kind, number>> = {};

    const one = async (number: number): Promise<void> => {
      const { type, first, second } = drawn(vendors);
      const prompt = `bill-${number}-bill`;
      const words = Array.from({ length: 4 + Math.floor(random() * 40) }, () =>
        drawn(['one', 'zwei', 'trois ']),
      );
      const said: FakeAnswer = {
        text: words.join(' '),
        chunks: CHUNKS,
        usage: { prompt: 1 + Math.floor(random() * 5_000), completion: 1 + Math.floor(random() * 5_000) },
      };
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
        'uncounted by the vendor',
      ];
      // The others report the prompt's tokens before the text, a number that this upstream only bills at the end.
      if (isOpenAIs) kinds.push('cut and recovered', 'left by its reader');
      if (answered.length > 0) kinds.push('cached');
      const kind = drawn(kinds);
      counts[kind] = (counts[kind] ?? 0) + 1;
      switch (kind) {
        case 'plain':
        case 'streamed':
        case 'retried': {
          first.plan(prompt, ...(kind === 'retried' ? [drawn([status(503), reset()])] : []), answer(said));
          const stream = kind === 'streamed';
          expect(stream ? (await streamCompletion(service.url, body)).done : await ask(body)).toBe(
            stream || 200,
          );
          answered.push(body);
          return;
        }
        case 'failed over':
          first.plan(prompt, status(401));
          second.plan(prompt, answer(said));
          expect(await ask(body)).toBe(200);
          return;
        case 'failed':
          expect(await ask(body)).toBe(502);
          return;
        case 'refused':
          first.plan(prompt, status(400, { message: 'no such parameter' }));
          expect(await ask(body)).toBe(400);
          return;
        case 'uncounted by the vendor':
          first.plan(prompt, answer({ ...said, usage: null }));
          expect(await ask(body)).toBe(200);
          await first.sent(prompt, words.join(' '));
          return;
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
          expect(await ask(drawn(answered))).toBe(200);
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
    for (const [id, billing] of upstreams) {
      const { prompt, completion } = billing.tokens;
      const { uncharged } = billing;
      const used = usage.byProvider.find(({ providerId }) => providerId === id);
      // What broke off is estimated at once, from as much of it as there is time for.
      for (const [counted, charged, broken] of [
        [used?.promptTokens ?? 0, prompt, uncharged.prompt],
        [used?.completionTokens ?? 0, completion, uncharged.completion],
      ] as const) {
        expect(counted - charged).toBeGreaterThanOrEqual(0.5 * broken);
        expect(counted - charged).toBeLessThanOrEqual(1.5 * broken);
      }
      const { type } = (await service.call<{ type: keyof typeof PRICES }>('GET', `/ai-providers/${id}`)).body;
      const { inputTokenCost, outputTokenCost, currency } = PRICES[type];
      const input = new Decimal(inputTokenCost).mul(prompt).div(1_000);
      const output = new Decimal(outputTokenCost).mul(completion).div(1_000);
      totals.set(currency, input.add(output).add(totals.get(currency) ?? 0));
      const charged = cost.byProvider.find(({ providerId }) => providerId === id);
      expect([charged?.inputCost ?? 0, charged?.outputCost ?? 0, charged?.totalCost ?? 0]).toEqual(
        [input, output, input.add(output)].map((sum) => sum.toNumber()),
      );
    }
    expect(cost.totals.map(({ currency, totalCost }) => [currency, totalCost]).sort()).toEqual(
      [...totals].map(([currency, sum]) => [currency, sum.toNumber()]).sort(),
    );
  }, 120_000);
});
