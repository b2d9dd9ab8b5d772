import type { ReportedUsage } from '../interfaces/usage.interface.js';
import { asCount } from './json-value.js';

/**
 * What a vendor reported, as far as it can be so: a count beyond what a request could hold is not known, nor is a part
 * that is larger than the whole it is said to be part of.
 */
export function reportedUsage(said: ReportedUsage): ReportedUsage {
  const promptTokens = asCount(said.promptTokens);
  const completionTokens = asCount(said.completionTokens);
  const usage: ReportedUsage = {};
  if (promptTokens !== undefined) usage.promptTokens = promptTokens;
  if (completionTokens !== undefined) usage.completionTokens = completionTokens;
  const cached = partOf(promptTokens, said.cachedPromptTokens);
  const written = partOf(promptTokens, said.cacheWriteTokens);
  const fits = (cached ?? 0) + (written ?? 0) <= (promptTokens ?? Infinity);
  if (cached !== undefined && fits) usage.cachedPromptTokens = cached;
  if (written !== undefined && fits) {
    usage.cacheWriteTokens = written;
    const forAnHour = partOf(written, said.cacheWrite1hTokens);
    if (forAnHour !== undefined) usage.cacheWrite1hTokens = forAnHour;
  }
  const reasoning = partOf(completionTokens, said.reasoningTokens);
  if (reasoning !== undefined) usage.reasoningTokens = reasoning;
  return usage;
}

function partOf(whole: number | undefined, part: number | undefined): number | undefined {
  const count = asCount(part);
  return count !== undefined && count <= (whole ?? Infinity) ? count : undefined;
}
