import { describe, expect, it } from '@jest/globals';
import { samplingRule, thinkingRule } from './anthropic-family.js';

describe('samplingRule', () => {
  it.each([
    ['claude-2.1', 'all'],
    ['claude-3-haiku-20240307', 'all'],
    ['claude-3-5-sonnet-latest', 'all'],
    ['claude-3-7-sonnet-20250219', 'all'],
    ['claude-sonnet-4-20250514', 'all'],
    ['claude-opus-4-1-20250805', 'one'],
    ['claude-sonnet-4-5', 'one'],
    ['claude-haiku-4-5-20251001', 'one'],
    ['claude-opus-4-6', 'one'],
    ['claude-opus-4-7', 'none'],
    ['anthropic/claude-opus-4.8', 'none'],
    ['us.anthropic.claude-opus-4-7-v1:0', 'none'],
    ['claude-sonnet-5', 'none'],
    ['claude-sonnet-5-20260601', 'none'],
    ['claude-haiku-5-5', 'none'],
    ['claude-fable-5-1', 'none'],
    ['claude-mythos-preview', 'none'],
    ['claude-latest', 'all'],
    ['some-other-model-9', 'all'],
  ] as const)('knows what %s takes: %s', (model, rule) => {
    expect(samplingRule(model)).toBe(rule);
  });
});

describe('thinkingRule', () => {
  it.each([
    ['claude-3-5-sonnet-latest', 'none'],
    ['claude-3-7-sonnet-20250219', 'budget'],
    ['claude-sonnet-4-20250514', 'budget'],
    ['claude-opus-4-5', 'budget'],
    ['claude-haiku-4-5-20251001', 'budget'],
    ['claude-opus-4-6', 'adaptive'],
    ['claude-sonnet-5', 'adaptive'],
    ['claude-opus-5', 'adaptive'],
    ['claude-opus-5-5', 'always'],
    ['anthropic/claude-opus-5.5', 'always'],
    ['claude-fable-5-1', 'always'],
    ['claude-latest', 'adaptive'],
    ['MiniMax-M2', 'budget'],
  ] as const)('knows how %s thinks: %s', (model, rule) => {
    expect(thinkingRule(model)).toBe(rule);
  });
});
