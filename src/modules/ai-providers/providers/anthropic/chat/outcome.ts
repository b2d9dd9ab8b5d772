import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { asCount, asObject, sumOfCounts } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { reportedUsage } from '../../chat/answers/reported-usage.js';

/**
 * Anthropic's numbers in ours. `input_tokens` are those neither read from nor written to the cache: "Total input tokens
 * in a request is the summation of input_tokens, cache_creation_input_tokens, and cache_read_input_tokens"
 * (https://platform.claude.com/docs/en/api/messages).
 */
export function toUsage(usage: JsonObject): ReportedUsage {
  const input = asCount(usage['input_tokens']);
  const byDuration = asObject(usage['cache_creation']);
  const forAnHour = asCount(byDuration?.['ephemeral_1h_input_tokens']);
  const allWritten = asCount(usage['cache_creation_input_tokens']);
  const written =
    allWritten === undefined
      ? sumOfCounts(forAnHour, asCount(byDuration?.['ephemeral_5m_input_tokens']))
      : allWritten;
  const read = asCount(usage['cache_read_input_tokens']);
  const output = asCount(usage['output_tokens']);
  const thinking = asCount(asObject(usage['output_tokens_details'])?.['thinking_tokens']);
  return reportedUsage({
    promptTokens: input === undefined ? undefined : sumOfCounts(input, written, read),
    completionTokens: output,
    cachedPromptTokens: read,
    cacheWriteTokens: written,
    cacheWrite1hTokens: forAnHour,
    reasoningTokens: thinking,
  });
}
