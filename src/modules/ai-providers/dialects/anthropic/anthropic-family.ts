/** Which sampling parameters a Claude model takes; `one`: temperature or top_p, not both. */
export type SamplingRule = 'all' | 'one' | 'none';

/**
 * How a Claude model is asked to think: `always` it does, and its effort alone can be set; `adaptive` and `budget` are two
 * forms of asking; `none`: it cannot.
 */
export type ThinkingRule = 'always' | 'adaptive' | 'budget' | 'none';

/** Versions are compared as 100 × major + minor. */
const ONE_OF_TWO_SINCE = 401;
const SAMPLING_UNTIL = 407;
const THINKING_SINCE = 307;
const ADAPTIVE_SINCE = 406;
const ALWAYS_SINCE = 505;

/** A version and a name of its own; undefined where the name says nothing. */
function versionOf(model: string): number | undefined {
  const name = /claude.*$/i.exec(model)?.[0];
  if (name === undefined) return undefined;
  // A date such as 20250514 is no version: digits stand alone, one or two of them.
  const found = /(?<!\d)(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(name);
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : undefined;
}

/** Fable and Mythos are Claudes of a line of their own. */
function isOfNewLine(model: string): boolean {
  return /claude.*(?:fable|mythos)/i.test(model);
}

/**
 * What a model takes under API version 2023-06-01, judged by its name; `all` where the name says nothing.
 *
 * - Claude 4.7 and later, and the Fable and Mythos models, refuse temperature, top_p and top_k with a 400:
 *   https://platform.claude.com/docs/en/about-claude/models/migration-guide
 * - Claude 4.1 to 4.6 refuse temperature together with top_p ("temperature and top_p cannot both be specified for this
 *   model. Please use only one."), same page.
 */
export function samplingRule(model: string): SamplingRule {
  if (isOfNewLine(model)) return 'none';
  const version = versionOf(model);
  if (version === undefined) return 'all';
  if (version >= SAMPLING_UNTIL) return 'none';
  return version >= ONE_OF_TWO_SINCE ? 'one' : 'all';
}

/**
 * - Claude 5.5 and later, and Fable: "thinking can't be disabled", no budget, and "forced tool use returns an error":
 *   https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5
 * - Claude 4.6 and later: adaptive, with an effort: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 * - Claude 3.7 to 4.5, and other vendors' models behind this API: a budget:
 *   https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function thinkingRule(model: string): ThinkingRule {
  if (isOfNewLine(model)) return 'always';
  const version = versionOf(model);
  if (version === undefined) return /claude/i.test(model) ? 'adaptive' : 'budget';
  if (version >= ALWAYS_SINCE) return 'always';
  if (version >= ADAPTIVE_SINCE) return 'adaptive';
  return version >= THINKING_SINCE ? 'budget' : 'none';
}

/** Whether the model knows the effort `xhigh`; before 4.7 the one below `max` is `high`. */
export function hasXHigh(model: string): boolean {
  return isOfNewLine(model) || (versionOf(model) ?? SAMPLING_UNTIL) >= SAMPLING_UNTIL;
}
