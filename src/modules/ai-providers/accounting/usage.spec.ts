import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { ReportedUsage } from '../interfaces/usage.interface.js';
import { countedUsage, failedUsage, reportedUsage, UNKNOWN_USAGE } from './usage.js';

const counter = {
  count: (text: { length: number }) => Promise.resolve(text.length),
  estimate: (text: { length: number }) => text.length,
};
const call = {
  model: 'm',
  system: 'Be brief',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 10,
} as unknown as ProviderCall;
const withImage: ProviderCall = {
  ...call,
  messages: [{ role: 'user', content: [{ type: 'image', source: { url: 'https://example.com/a.png' } }] }],
};
const PROMPT = 'Be brief\nHello'.length;
const maybe = fc.option(fc.nat({ max: 20_000_000 }), { nil: undefined });
const absurd = fc.constantFrom(9.2e18, 20_000_001, -1, 1.5, NaN, Infinity);

describe('usage of an answer', () => {
  it('never replaces a reported number, and says estimated where it filled in another', async () => {
    await fc.assert(
      fc.asyncProperty(
        maybe,
        maybe,
        maybe,
        fc.string(),
        async (promptTokens, completionTokens, reasoningTokens, said) => {
          const reported: ReportedUsage = { promptTokens, completionTokens, reasoningTokens };
          const isWhole = promptTokens !== undefined && completionTokens !== undefined;
          expect(reportedUsage(reported) !== null).toBe(isWhole);
          const usage = reportedUsage(reported) ?? (await countedUsage(reported, call, said, counter));
          expect(usage.promptTokens).toBe(promptTokens ?? PROMPT);
          expect(usage.completionTokens).toBe(completionTokens ?? said.length);
          expect(usage.totalTokens).toBe((usage.promptTokens ?? 0) + (usage.completionTokens ?? 0));
          expect(usage.source).toBe(isWhole ? 'reported' : 'estimated');
          expect(usage.reasoningTokens).toBe(reasoningTokens);
        },
      ),
    );
  });

  it('tells a number that no request can hold as unknown', () => {
    fc.assert(
      fc.property(absurd, absurd, (promptTokens, cachedPromptTokens) => {
        const usage = reportedUsage({ promptTokens, completionTokens: 7, cachedPromptTokens });
        expect(usage).toEqual({
          promptTokens: null,
          completionTokens: 7,
          totalTokens: null,
          source: 'unknown',
        });
      }),
    );
  });

  it('leaves a prompt that is not all text unknown, never 0', async () => {
    expect(await countedUsage({}, withImage, 'four', counter)).toEqual({
      promptTokens: null,
      completionTokens: 4,
      totalTokens: null,
      source: 'unknown',
    });
    expect(await countedUsage({ promptTokens: 900 }, withImage, 'four', counter)).toMatchObject({
      promptTokens: 900,
      source: 'estimated',
    });
  });
});

describe('usage of a failed try', () => {
  it('is unknown where nothing was reported and nothing had come', () => {
    expect(failedUsage(undefined, call, '', counter)).toBe(UNKNOWN_USAGE);
    expect(failedUsage({}, call, '', counter)).toBe(UNKNOWN_USAGE);
    expect(failedUsage({ promptTokens: 9.2e18 }, call, '', counter)).toBe(UNKNOWN_USAGE);
  });

  it('counts what had come before it broke off', () => {
    expect(failedUsage({ promptTokens: 7 }, call, 'cut of', counter)).toEqual({
      promptTokens: 7,
      completionTokens: 6,
      totalTokens: 13,
      source: 'estimated',
    });
    expect(failedUsage({ promptTokens: 7, completionTokens: 2 }, call, 'cut of', counter).source).toBe(
      'reported',
    );
  });

  it('invents no answer for a try that reported its prompt alone', () => {
    expect(failedUsage({ promptTokens: 7 }, call, '', counter)).toEqual({
      promptTokens: 7,
      completionTokens: null,
      totalTokens: null,
      source: 'reported',
    });
  });
});
