import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import { promptText } from './counted-text.js';
import { isPlausible } from './plausible-count.js';
import type { ReadText, TokenCounter } from './token-counter.interface.js';

/** Nothing is known: the counts are null, never 0. */
export const UNKNOWN_USAGE: TokenUsage = Object.freeze({
  promptTokens: null,
  completionTokens: null,
  totalTokens: null,
  source: 'unknown',
});

/**
 * The tokens of an answer as its vendor reported them; null where it left something out, which is to be counted. A number
 * that no request can hold becomes unknown: it says nothing, but neither did the vendor leave it out.
 */
export function reportedUsage(reported: ReportedUsage): TokenUsage | null {
  const { promptTokens, completionTokens } = reported;
  if (promptTokens === undefined || completionTokens === undefined) return null;
  return wholeUsage(reported, believed(promptTokens), believed(completionTokens), 'reported');
}

/**
 * The tokens of an answer of which the vendor left something out: what it reported, and our own count of the rest. A
 * reported number is never replaced; a prompt that is not all text cannot be counted and stays unknown.
 */
export async function countedUsage(
  reported: ReportedUsage,
  call: ProviderCall,
  answer: ReadText,
  counter: TokenCounter,
): Promise<TokenUsage> {
  const prompt = promptText(call);
  const promptTokens =
    reported.promptTokens === undefined
      ? prompt && (await counter.count(prompt))
      : believed(reported.promptTokens);
  const completionTokens =
    reported.completionTokens === undefined
      ? await counter.count(answer)
      : believed(reported.completionTokens);
  return wholeUsage(reported, promptTokens, completionTokens, 'estimated');
}

/**
 * The tokens of a try that gave no whole answer: what the vendor reported, and an estimate of what had come before it
 * broke off. Where neither is there, nothing is known.
 */
export function failedUsage(
  reported: ReportedUsage = {},
  call: ProviderCall,
  received: ReadText,
  counter: TokenCounter,
): TokenUsage {
  const { promptTokens, completionTokens } = reported;
  if (received.length === 0) {
    const [prompt, completion] = [believed(promptTokens), believed(completionTokens)];
    if (prompt === null && completion === null) return UNKNOWN_USAGE;
    // It may have reported its prompt before it broke off: of the answer there was none.
    return usageFrom(reported, prompt, completion, 'reported');
  }
  const whole = reportedUsage(reported);
  if (whole) return whole;
  const prompt = promptText(call);
  return wholeUsage(
    reported,
    promptTokens === undefined ? prompt && counter.estimate(prompt) : believed(promptTokens),
    completionTokens === undefined ? counter.estimate(received) : believed(completionTokens),
    'estimated',
  );
}

function believed(count: number | null | undefined): number | null {
  return isPlausible(count) ? count : null;
}

/** @param source what it is where both counts are known */
function wholeUsage(
  reported: ReportedUsage,
  promptTokens: number | null,
  completionTokens: number | null,
  source: 'reported' | 'estimated',
): TokenUsage {
  const isKnown = promptTokens !== null && completionTokens !== null;
  return usageFrom(reported, promptTokens, completionTokens, isKnown ? source : 'unknown');
}

function usageFrom(
  reported: ReportedUsage,
  promptTokens: number | null,
  completionTokens: number | null,
  source: TokenUsage['source'],
): TokenUsage {
  const usage: TokenUsage = {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens,
    source,
  };
  const { cachedPromptTokens, cacheWriteTokens, cacheWrite1hTokens, reasoningTokens } = reported;
  if (isPlausible(cachedPromptTokens)) usage.cachedPromptTokens = cachedPromptTokens;
  if (isPlausible(cacheWriteTokens)) usage.cacheWriteTokens = cacheWriteTokens;
  if (isPlausible(cacheWrite1hTokens)) usage.cacheWrite1hTokens = cacheWrite1hTokens;
  if (isPlausible(reasoningTokens)) usage.reasoningTokens = reasoningTokens;
  return usage;
}
