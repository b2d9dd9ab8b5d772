import type { Attempt, SkipReason, TimeoutPhase } from '../../interfaces/attempt.interface.js';
import type { FinishReason } from '../../interfaces/completion.interface.js';
import type { PriceSource, TokenUsage } from '../../interfaces/usage.interface.js';

/** All members of a union of words; the compiler refuses the list when one is missing or unknown. */
const allOf = <Word extends string>(words: Record<Word, true>): Word[] => Object.keys(words) as Word[];

export const PRICE_SOURCES = allOf<PriceSource>({ provider: true, catalogue: true });
export const USAGE_SOURCES = allOf<TokenUsage['source']>({ reported: true, estimated: true, unknown: true });

export const FINISH_REASONS = allOf<FinishReason>({
  stop: true,
  length: true,
  content_filter: true,
  tool_calls: true,
  other: true,
});

export const PHASES = allOf<TimeoutPhase>({
  connect: true,
  first_token: true,
  idle: true,
  attempt: true,
  gateway: true,
});

export const SKIP_REASONS = allOf<SkipReason>({
  inactive: true,
  circuit_open: true,
  rate_limited: true,
  cooldown: true,
  at_capacity: true,
  lacks_feature: true,
  lacks_model: true,
  key_unreadable: true,
});

export const OUTCOMES = allOf<Attempt['outcome']>({
  success: true,
  skipped: true,
  connection: true,
  server_error: true,
  malformed: true,
  truncated: true,
  timeout: true,
  rate_limited: true,
  authentication: true,
  model_not_found: true,
  quota_exhausted: true,
  account_limit: true,
  context_length: true,
  content_filter: true,
  invalid_request: true,
  egress_refused: true,
  diverged: true,
  internal: true,
  aborted: true,
});
