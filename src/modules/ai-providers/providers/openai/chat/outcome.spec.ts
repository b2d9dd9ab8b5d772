import { describe, expect, it } from '@jest/globals';
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
    { choices: [], timings: { prompt_n: 30, predicted_n: 20, predicted_ms: 12.5 } },
    { usage: USAGE, timings: { prompt_n: 1, predicted_n: 1 } },
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

  it('counts what llama.cpp had in its cache as part of the prompt', () => {
    const timings = { cache_n: 25, prompt_n: 5, predicted_n: 20 };
    expect(usageIn({ timings })).toEqual({ ...REPORTED, cachedPromptTokens: 25 });
  });

  it.each(['thirty', '3e1', null, {}])('finds no count in %j', (count) => {
    expect(usageIn({ usage: { prompt_tokens: count, completion_tokens: 20 } })).toEqual({
      completionTokens: 20,
    });
  });

  it.each([-1, 1.5, 1e300, 2 ** 63, Infinity, '9223372036854775807'])(
    'tells a count of %j as reported and not known',
    (count) => {
      const unknown = { promptTokens: null, completionTokens: 20 };
      for (const usage of [{ prompt_tokens: count }, { input_tokens: 9, cache_read_input_tokens: count }])
        expect(usageIn({ usage: { ...usage, completion_tokens: 20 } })).toEqual(unknown);
      const both = { prompt_tokens: count, completion_tokens: count };
      expect(usageIn({ usage: both })).toEqual({ promptTokens: null, completionTokens: null });
    },
  );
});
