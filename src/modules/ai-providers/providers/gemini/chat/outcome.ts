import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { asCount, sumOfCounts } from '../../wire/json-value.js';
import type { JsonObject, SaidCount } from '../../wire/json-value.js';
import { reportedUsage } from '../../chat/answers/reported-usage.js';

/**
 * Gemini's numbers in ours (https://ai.google.dev/api/generate-content#UsageMetadata). `promptTokenCount` includes the
 * cached part but not what its own tools added; `candidatesTokenCount` does not include the thoughts. A count of zero is
 * left out on the wire: in a `final` report of which only prompt and total are given, the rest is the answer.
 */
export function toUsage(metadata: JsonObject, final: boolean): ReportedUsage {
  const ownPrompt = asCount(metadata['promptTokenCount']);
  const toolPrompt = asCount(metadata['toolUsePromptTokenCount']);
  const prompt = ownPrompt === undefined ? undefined : sumOfCounts(ownPrompt, toolPrompt);
  const thoughts = asCount(metadata['thoughtsTokenCount']);
  const completion = sumOfCounts(asCount(metadata['candidatesTokenCount']), thoughts);
  const rest = final ? restOf(asCount(metadata['totalTokenCount']), prompt) : undefined;
  return reportedUsage({
    promptTokens: prompt,
    completionTokens: completion === undefined ? rest : completion,
    cachedPromptTokens: asCount(metadata['cachedContentTokenCount']),
    cacheWriteTokens: undefined,
    cacheWrite1hTokens: undefined,
    reasoningTokens: thoughts,
  });
}

function restOf(total: SaidCount, part: SaidCount): SaidCount {
  if (total === null || part === null) return null;
  return total === undefined || part === undefined || total < part ? undefined : total - part;
}
