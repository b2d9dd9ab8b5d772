import { describe, expect, it } from '@jest/globals';
import { MAX_TOKEN_COUNT } from '../json-value.js';
import { usageIn } from './outcome.js';

const USAGE = { prompt_tokens: 30, completion_tokens: 20 };
const REPORTED = { promptTokens: 30, completionTokens: 20 };

describe('usageIn', () => {
  it.each([
    { usage: USAGE },
    { choices: [{ usage: USAGE }] },
    { choices: [{}, { usage: USAGE }], usage: null },
    { x_groq: { usage: USAGE } },
    { usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 20 } },
    { usage: { input_tokens: 30, output_tokens: 20 } },
    { usage: { prompt_tokens: '30', completion_tokens: '20' } },
    { usage: { promptTokens: 30, completionTokens: 20 } },
    { choices: [{ delta: { usage: USAGE } }] },
    { choices: [{ message: { usage: USAGE } }] },
    { choices: [{ delta: {} }], metadata: { usage: USAGE } },
    { usage: USAGE, choices: [{ usage: { prompt_tokens: 1, completion_tokens: 1 } }] },
  ])('finds the usage of %j', (json) => {
    expect(usageIn(json)).toEqual(REPORTED);
  });

  it.each([{}, { usage: null }, { usage: {} }, { usage: { prompt_tokens: 0, completion_tokens: 0 } }])(
    'finds none in %j',
    (json) => expect(usageIn(json)).toBeUndefined(),
  );

  it.each([
    [{ prompt_tokens_details: { cached_tokens: 8 } }, { cachedPromptTokens: 8 }],
    [{ prompt_cache_hit_tokens: 8 }, { cachedPromptTokens: 8 }],
    [{ cached_tokens: 8 }, { cachedPromptTokens: 8 }],
    [
      { cache_read_input_tokens: 8, cache_creation_input_tokens: 2 },
      { cachedPromptTokens: 8, cacheWriteTokens: 2 },
    ],
    [{ prompt_tokens_details: { cache_write_tokens: 2 } }, { cacheWriteTokens: 2 }],
    [{ completion_tokens_details: { reasoning_tokens: 5 } }, { reasoningTokens: 5 }],
    // Parts larger than the whole are none.
    [{ cached_tokens: 31 }, {}],
    [{ reasoning_tokens: 21 }, {}],
  ])('reads %j', (parts, told) => {
    expect(usageIn({ usage: { ...USAGE, ...parts } })).toEqual({ ...REPORTED, ...told });
  });

  it.each([-1, 1.5, 1e300, MAX_TOKEN_COUNT + 1, 'thirty', '3e1', '1234567890', null, {}])(
    'does not know a count of %j',
    (count) => {
      expect(usageIn({ usage: { prompt_tokens: count, completion_tokens: 20 } })).toEqual({
        completionTokens: 20,
      });
    },
  );
});
