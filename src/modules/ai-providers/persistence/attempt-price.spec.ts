import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money, priceOf } from './attempt-price.js';

const usage = (promptTokens: number | null, completionTokens: number | null) => ({
  promptTokens,
  completionTokens,
  totalTokens: null,
  source: 'reported' as const,
});

describe('priceOf', () => {
  it('gives the exact cost in decimal text, for cheap tokens and dear ones, few and many', () => {
    const price = fc.oneof(
      fc.constantFrom(0, 0.0025, 0.01, 15, 1e-7, 0.1 + 0.2),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    );
    const count = fc.oneof(fc.nat(200_000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(price, price, count, count, (inputTokenCost, outputTokenCost, prompt, completion) => {
        const input = new Money(inputTokenCost).mul(prompt).div(1000);
        const output = new Money(outputTokenCost).mul(completion).div(1000);
        const pricing = { inputTokenCost, outputTokenCost, currency: 'USD' };
        expect(priceOf(usage(prompt, completion), pricing)).toEqual({
          input: input.toFixed(),
          output: output.toFixed(),
          total: input.add(output).toFixed(),
          currency: 'USD',
        });
      }),
    );
  });

  it('prices what is known, and nothing where nothing is or nobody named a price', () => {
    const pricing = { inputTokenCost: 2, outputTokenCost: 4, currency: 'EUR' };
    expect(priceOf(usage(500, null), pricing)).toEqual({
      input: '1',
      output: '0',
      total: '1',
      currency: 'EUR',
    });
    expect(priceOf(usage(null, null), pricing)).toBeNull();
    expect(priceOf(usage(1, 1), null)).toBeNull();
  });
});
