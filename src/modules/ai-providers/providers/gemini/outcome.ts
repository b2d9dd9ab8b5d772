import type { ReportedUsage } from '../../interfaces/usage.interface.js';
import { asCount } from '../json-value.js';
import type { JsonObject } from '../json-value.js';
import { reportedUsage } from '../reported-usage.js';

/**
 * Gemini's numbers in ours (https://ai.google.dev/api/generate-content#UsageMetadata). `promptTokenCount` includes the
 * cached part but not what its own tools added; `candidatesTokenCount` does not include the thoughts. A count of zero is
 * left out on the wire: in a `final` report of which only prompt and total are given, the rest is the answer.
 */
export function toUsage(metadata: JsonObject, final: boolean): ReportedUsage {
  const prompt = asCount(metadata['promptTokenCount']);
  const toolPrompt = asCount(metadata['toolUsePromptTokenCount']) ?? 0;
  const candidates = asCount(metadata['candidatesTokenCount']);
  const thoughts = asCount(metadata['thoughtsTokenCount']);
  const total = asCount(metadata['totalTokenCount']);
  const cached = asCount(metadata['cachedContentTokenCount']);
  const said = candidates !== undefined || thoughts !== undefined;
  const rest = final && total !== undefined && prompt !== undefined ? total - prompt - toolPrompt : undefined;
  const completion = said ? (candidates ?? 0) + (thoughts ?? 0) : asCount(rest);
  return reportedUsage({
    promptTokens: prompt === undefined ? undefined : prompt + toolPrompt,
    completionTokens: completion,
    cachedPromptTokens: cached,
    reasoningTokens: thoughts,
  });
}
