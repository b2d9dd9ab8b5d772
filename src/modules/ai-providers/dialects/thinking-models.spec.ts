import { describe, expect, it } from '@jest/globals';
import type { ReasoningOptions } from '../interfaces/completion.interface.js';
import { mayThink } from './thinking-models.js';

describe('mayThink', () => {
  it.each([
    'o3',
    'o4-mini-2025-04-16',
    'gpt-5',
    'gpt-5.1-mini',
    'openai/gpt-5-nano',
    'claude-opus-5-5',
    'anthropic/claude-sonnet-5.5',
    'models/gemini-2.5-pro',
    'gemini-2.5-flash-001',
    'gemini-3-flash-lite',
    'deepseek-reasoner',
    'deepseek-ai/DeepSeek-R1',
    'qwq-32b',
    'kimi-k2-thinking',
  ])('%s thinks unless it is told not to, or as little as can be', (model) => {
    expect(mayThink({ model })).toBe(true);
    expect(mayThink({ model, reasoning: { exclude: true } })).toBe(true);
    expect(mayThink({ model, reasoning: { effort: 'low' } })).toBe(true);
    expect(mayThink({ model, reasoning: { effort: 'minimal' } })).toBe(false);
    expect(mayThink({ model, reasoning: { effort: 'none' } })).toBe(false);
  });

  it.each([
    'gpt-4o',
    'gpt-5-chat-latest',
    'claude-sonnet-4-5',
    'claude-opus-4-6',
    'gemini-2.0-flash',
    'gemini-2.5-flash-lite',
    'llama3',
    'constructor',
    '',
  ])('%s thinks only when it is asked to', (model) => {
    const asked: [ReasoningOptions, boolean][] = [
      [{}, false],
      [{ exclude: true }, false],
      [{ effort: 'none' }, false],
      [{ effort: 'minimal' }, false],
      [{ effort: 'low' }, true],
      [{ maxTokens: 2_000 }, true],
    ];
    expect(mayThink({ model })).toBe(false);
    for (const [reasoning, thinks] of asked) expect(mayThink({ model, reasoning })).toBe(thinks);
  });
});
