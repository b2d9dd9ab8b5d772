import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import { costOf, UNKNOWN_USAGE, usageOfAnswer, usageOfFailure } from './usage-account.js';

const counter = { count: (text: string) => text.length };
const call: ProviderCall = {
  model: 'm',
  system: 'Be brief',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 10,
};
const withImage: ProviderCall = {
  ...call,
  messages: [{ role: 'user', content: [{ type: 'image', source: { url: 'https://example.com/a.png' } }] }],
};
const count = fc.nat({ max: 2_000_000_000 });
const maybe = fc.option(count, { nil: undefined });

function tokens(promptTokens: number, completionTokens: number): TokenUsage {
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens, source: 'reported' };
}

/** `units` / 10^`scale` as the nearest double, by way of its exact decimal digits. */
function nearest(units: bigint, scale: number): number {
  return Number(`${units}e-${scale}`);
}

describe('costOf', () => {
  it('equals the exact rational product, rounded once', () => {
    // Fifteen digits are what a double keeps of any decimal.
    const price = fc.oneof(
      fc.nat({ max: 999_999_999_999_999 }),
      // As vendors have them: few digits, so that whole numbers suffice.
      fc.nat({ max: 999_999 }).map((units) => units * 100_000_000),
    );
    fc.assert(
      fc.property(price, price, count, count, (input, output, prompt, completion) => {
        const pricing = {
          inputTokenCost: nearest(BigInt(input), 12),
          outputTokenCost: nearest(BigInt(output), 12),
          currency: 'EUR',
          source: 'provider',
        } as const;
        const exactInput = BigInt(input) * BigInt(prompt);
        const exactOutput = BigInt(output) * BigInt(completion);
        expect(costOf(tokens(prompt, completion), pricing)).toEqual({
          input: nearest(exactInput, 15),
          output: nearest(exactOutput, 15),
          total: nearest(exactInput + exactOutput, 15),
          currency: 'EUR',
          source: 'provider',
        });
      }),
      { numRuns: 2_000, examples: [[0, 253_910_890_858_789, 0, 1_058_285_042]] },
    );
  });

  it('does not add up in binary: 0.1 and 0.2 make 0.3', () => {
    const pricing = {
      inputTokenCost: 0.1,
      outputTokenCost: 0.2,
      currency: 'USD',
      source: 'catalogue',
    } as const;
    expect(costOf(tokens(1_000, 1_000), pricing)).toMatchObject({ total: 0.3, source: 'catalogue' });
  });

  it('is unknown where the price or the usage is', () => {
    expect(costOf(tokens(1, 1), null)).toBeNull();
    const pricing = { inputTokenCost: 1, outputTokenCost: 1, currency: 'USD', source: 'provider' } as const;
    expect(costOf(UNKNOWN_USAGE, pricing)).toBeNull();
  });
});

describe('usageOfAnswer', () => {
  it('never replaces a reported number, and says estimated where it filled in another', () => {
    fc.assert(
      fc.property(
        maybe,
        maybe,
        maybe,
        fc.string(),
        (promptTokens, completionTokens, reasoningTokens, said) => {
          const reported: ReportedUsage = { promptTokens, completionTokens, reasoningTokens };
          const usage = usageOfAnswer(reported, call, said, counter);
          expect(usage.promptTokens).toBe(promptTokens ?? 'Be brief\nHello'.length);
          expect(usage.completionTokens).toBe(completionTokens ?? said.length);
          expect(usage.totalTokens).toBe((usage.promptTokens ?? 0) + (usage.completionTokens ?? 0));
          const whole = promptTokens !== undefined && completionTokens !== undefined;
          expect(usage.source).toBe(whole ? 'reported' : 'estimated');
          expect(usage.reasoningTokens).toBe(reasoningTokens);
        },
      ),
    );
  });

  it('counts a text of which only the beginning is held by all of it', () => {
    const held = { length: 1_000, toString: () => 'ten of them' };
    expect(usageOfAnswer({ promptTokens: 1 }, call, held, counter).completionTokens).toBe(1_000);
  });

  it('leaves a prompt that is not all text unknown, never 0', () => {
    expect(usageOfAnswer({}, withImage, 'four', counter)).toEqual({
      promptTokens: null,
      completionTokens: 4,
      totalTokens: null,
      source: 'unknown',
    });
    expect(usageOfAnswer({ promptTokens: 900 }, withImage, 'four', counter)).toMatchObject({
      promptTokens: 900,
      source: 'estimated',
    });
  });
});

describe('usageOfFailure', () => {
  it('is unknown where nothing was reported and nothing had come', () => {
    expect(usageOfFailure(undefined, call, '', counter)).toBe(UNKNOWN_USAGE);
    expect(usageOfFailure({}, call, '', counter)).toBe(UNKNOWN_USAGE);
  });

  it('counts the text that had come before it broke off', () => {
    expect(usageOfFailure({ promptTokens: 7 }, call, 'cut of', counter)).toEqual({
      promptTokens: 7,
      completionTokens: 6,
      totalTokens: 13,
      source: 'estimated',
    });
  });

  it('invents no answer for a try that reported its prompt alone', () => {
    expect(usageOfFailure({ promptTokens: 7 }, call, '', counter)).toEqual({
      promptTokens: 7,
      completionTokens: null,
      totalTokens: null,
      source: 'reported',
    });
  });
});
