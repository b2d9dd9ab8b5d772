import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import type { SaidCount } from '../../wire/json-value.js';

/** What a vendor said of each count. */
type SaidUsage = Record<keyof ReportedUsage, SaidCount>;

/**
 * What a vendor reported, as far as it can be so: a part that can be no count, or that is larger than the whole it is said to
 * be part of, is not known.
 */
export function reportedUsage(said: SaidUsage): ReportedUsage {
  const { promptTokens, completionTokens } = said;
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

function partOf(whole: SaidCount, part: SaidCount): number | undefined {
  return part !== undefined && part !== null && part <= (whole ?? Infinity) ? part : undefined;
}
