import { describe, expect, it } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { Bill, ChargedPrices, ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import { billOf, billOfFailure, pricesFor, toCost } from './bill.js';
import { UNKNOWN_USAGE } from './usage.js';

const Exact = Decimal.clone({ precision: 1_000 });

const count = fc.oneof(fc.nat({ max: 200_000 }), fc.nat({ max: 5_000_000 }));
const price = fc.oneof(
  fc.constantFrom(0, 0.0025, 0.01, 15, 1e-7, 0.1 + 0.2),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);
const maybePrice = fc.option(price, { nil: undefined });
const prices = fc.record(
  {
    inputTokenCost: price,
    outputTokenCost: price,
    cachedInputTokenCost: maybePrice,
    cacheWriteTokenCost: maybePrice,
    cacheWrite1hTokenCost: maybePrice,
  },
  { requiredKeys: ['inputTokenCost', 'outputTokenCost'] },
);
const tier = fc.tuple(prices, count).map(([own, abovePromptTokens]) => ({ ...own, abovePromptTokens }));
const pricing: fc.Arbitrary<ChargedPrices> = fc
  .tuple(
    prices,
    fc.uniqueArray(tier, { maxLength: 3, selector: ({ abovePromptTokens }) => abovePromptTokens }),
  )
  .map(([own, tiers]) => ({ ...own, tiers, currency: 'EUR', source: 'provider' }));

/** Tokens that share none: plain, read, written, written for an hour, answered. */
const parts = fc.tuple(
  count,
  fc.option(count, { nil: 0 }),
  fc.option(count, { nil: 0 }),
  fc.option(count, { nil: 0 }),
  count,
);

function usageOf([plain, read, written, hour, completionTokens]: readonly number[] & {
  length: 5;
}): TokenUsage {
  const [a = 0, b = 0, c = 0, d = 0, answered = 0] = [plain, read, written, hour, completionTokens];
  const promptTokens = a + b + c + d;
  return {
    promptTokens,
    completionTokens: answered,
    totalTokens: promptTokens + answered,
    source: 'reported',
    cachedPromptTokens: b,
    cacheWriteTokens: c + d,
    cacheWrite1hTokens: d,
  };
}

const of = (tokens: number, each: number): Decimal => new Exact(each).mul(tokens).div(1000);
const plain = (inputTokenCost: number, outputTokenCost: number): ChargedPrices => ({
  inputTokenCost,
  outputTokenCost,
  currency: 'USD',
  source: 'catalogue',
});
const tokens = (
  promptTokens: number,
  completionTokens: number,
  more: Partial<TokenUsage> = {},
): TokenUsage => ({
  promptTokens,
  completionTokens,
  totalTokens: promptTokens + completionTokens,
  source: 'reported',
  ...more,
});

describe('billOf', () => {
  it('charges each token once, by the prices of the tier, exact to the last digit', () => {
    fc.assert(
      fc.property(parts, pricing, (given, charged) => {
        const [a, b, c, d, answered] = given;
        const prompt = a + b + c + d;
        const [highest] = (charged.tiers ?? [])
          .filter(({ abovePromptTokens }) => prompt > abovePromptTokens)
          .sort((left, right) => right.abovePromptTokens - left.abovePromptTokens);
        const { inputTokenCost: input, outputTokenCost: output, ...own } = highest ?? charged;
        const write = own.cacheWriteTokenCost ?? input;
        const amounts = {
          input: of(a, input),
          cachedInput: of(b, own.cachedInputTokenCost ?? input),
          cacheWrite: of(c, write).add(of(d, own.cacheWrite1hTokenCost ?? write)),
          output: of(answered, output),
        };
        const expected: Bill = {
          input: amounts.input.toFixed(),
          ...(b > 0 && { cachedInput: amounts.cachedInput.toFixed() }),
          ...(c + d > 0 && { cacheWrite: amounts.cacheWrite.toFixed() }),
          output: amounts.output.toFixed(),
          total: Object.values(amounts)
            .reduce((sum, amount) => sum.add(amount))
            .toFixed(),
          currency: 'EUR',
          source: 'provider',
        };
        expect(billOf(usageOf(given), charged)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not add up in binary: 0.1 and 0.2 make 0.3', () => {
    expect(toCost(billOf(tokens(1_000, 1_000), plain(0.1, 0.2)))).toEqual({
      input: 0.1,
      output: 0.2,
      total: 0.3,
      currency: 'USD',
      source: 'catalogue',
    });
  });

  it('says what was read from a cache and written to it apart from input', () => {
    const cached = {
      ...plain(1, 2),
      cachedInputTokenCost: 0.1,
      cacheWriteTokenCost: 1.25,
      cacheWrite1hTokenCost: 2,
    };
    const usage = tokens(1_000, 0, {
      cachedPromptTokens: 700,
      cacheWriteTokens: 200,
      cacheWrite1hTokens: 50,
    });
    expect(toCost(billOf(usage, cached))).toMatchObject({
      input: 0.1,
      cachedInput: 0.07,
      cacheWrite: 0.2875,
      output: 0,
      total: 0.4575,
    });
  });

  it('believes the whole where a vendor’s parts are more', () => {
    const usage = tokens(100, 0, { cachedPromptTokens: 900, cacheWriteTokens: 5 });
    expect(billOf(usage, plain(1, 1))).toMatchObject({ input: '0', cachedInput: '0.1', total: '0.1' });
  });

  it('is unknown where the price or the usage is', () => {
    expect(billOf(tokens(1, 1), null)).toBeNull();
    expect(billOf(UNKNOWN_USAGE, plain(1, 1))).toBeNull();
    expect(billOf({ ...tokens(1, 1), promptTokens: null }, plain(1, 1))).toBeNull();
    expect(toCost(null)).toBeNull();
  });
});

describe('pricesFor', () => {
  it('takes a tier only above its limit, whatever the order of tiers', () => {
    const high = { ...plain(3, 3), abovePromptTokens: 200 };
    const low = { ...plain(2, 2), abovePromptTokens: 100 };
    const charged = { ...plain(1, 1), tiers: [high, low] };
    expect([100, 101, 200, 201].map((prompt) => pricesFor(charged, prompt).inputTokenCost)).toEqual([
      1, 2, 2, 3,
    ]);
  });
});

describe('billOfFailure', () => {
  it.each<[string, ReportedUsage | undefined, string | undefined]>([
    ['nothing where nothing was reported', undefined, undefined],
    ['nothing where the report says nothing', { cachedPromptTokens: 5 }, undefined],
    ['the prompt alone where only that was reported', { promptTokens: 500 }, '1'],
    ['all that was reported', { promptTokens: 500, completionTokens: 250 }, '2'],
    ['no number that no request can hold', { promptTokens: 9.2e18, completionTokens: 250 }, '1'],
    ['nothing where all numbers are absurd', { promptTokens: -1, completionTokens: 1.5 }, undefined],
  ])('charges %s', (_, reported, total) => {
    expect(billOfFailure(reported, plain(2, 4))?.total).toBe(total);
  });
});
