import { NO_WARNINGS } from '../../dialects/fit.js';
import type { CompletionRequest, CompletionWarning } from '../../interfaces/completion.interface.js';
import type { AnswerCache } from './answer-cache.ports.js';

const FIELD = 'cache.ttl';

/** What is told of a time that a request wants its answer kept for and that is longer than any answer is kept. */
export function cacheWarnings(
  asked: CompletionRequest['cache'],
  cache: Pick<AnswerCache, 'maxTtlMs'> | null,
): readonly CompletionWarning[] {
  if (!asked || cache === null || asked.ttl * 1_000 <= cache.maxTtlMs) return NO_WARNINGS;
  const detail = `Answers are kept for ${cache.maxTtlMs / 1_000} s at most`;
  return [{ field: FIELD, action: 'narrowed', detail }];
}

/** Whether a warning is about that: then it is told to the one who asked so, and to nobody who gets the answer again. */
export function isCacheWarning({ field }: CompletionWarning): boolean {
  return field === FIELD;
}
