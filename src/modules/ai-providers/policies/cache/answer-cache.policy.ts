import { AIError } from '../../errors/ai.error.js';
import type { AIErrorCode } from '../../interfaces/error-code.interface.js';
import type {
  CompletionRequest,
  CompletionWarning,
  StoredAnswer,
} from '../../interfaces/completion.interface.js';
import { planRoute } from '../../routing/plan-route.js';
import type { Policy, PolicyRequest, PolicyTurn } from '../policy.interface.js';
import type { AnswerCacheOptions } from './answer-cache.ports.js';
import { answerKeyOf } from './answer-key.js';
import { lookUp } from './cache-lookup.js';
import { LeaderTurn } from './leader.turn.js';
import { SharedStream } from './shared-stream.js';
import { isOwnEnd, SingleFlightGroup } from './single-flight.js';

/** Errors that anybody who asks the same gets. */
const SHARED_ERRORS: readonly AIErrorCode[] = [
  'UPSTREAM_REJECTED_REQUEST',
  'UNSUPPORTED_REQUEST',
  'MODEL_NOT_FOUND',
];

/** So many leaders may fail before one who has followed them shares what the last one got. */
const MOST_FAILURES = 2;

const BYPASS: PolicyTurn = { cacheStatus: 'BYPASS', wantsAnswer: false };

/**
 * Gives the answer that was given to the same request before, and lets requests that ask the same at the same time share one
 * call (single flight): the first leads, the others follow. Where a leader fails with an error that says something about the
 * request, all its followers get it; else one of them leads next.
 */
export class AnswerCachePolicy implements Policy {
  readonly name = 'cache';
  private readonly singleFlights: SingleFlightGroup;

  constructor(private readonly options: AnswerCacheOptions) {
    this.singleFlights = new SingleFlightGroup(options.clock);
  }

  before(request: PolicyRequest): PolicyTurn | Promise<PolicyTurn> {
    const key = this.keyOf(request);
    return key === null ? BYPASS : this.find(key, request);
  }

  private async find(key: string, request: PolicyRequest): Promise<PolicyTurn> {
    const { deadline, streamed } = request;
    const warnings = this.warningsOf(request.request);
    for (;;) {
      const ahead = this.singleFlights.find(key);
      if (ahead === undefined) {
        const singleFlight = this.singleFlights.lead(key);
        const found = await lookUp(key, this.options, singleFlight, deadline, streamed);
        if ('answer' in found) return hit(warnings, found);
        const store = (answer: StoredAnswer): Promise<void> =>
          this.options.store.write(key, answer, this.ttlMsOf(request.request));
        return new LeaderTurn(warnings, singleFlight, store, found.release);
      }
      const outcome = await ahead.wait(deadline, streamed);
      if (outcome instanceof SharedStream) {
        const again = (error: unknown): boolean => mayStartOver(error, request);
        return hit(warnings, { followed: outcome, mayStartOver: again });
      }
      if (outcome === 'abandoned') continue;
      if ('answer' in outcome) return hit(warnings, outcome);
      if (!mayStartOver(outcome.failure, request)) throw outcome.failure;
    }
  }

  /** Null where the request wants no cache, or no provider could be asked. */
  private keyOf({ request, context }: PolicyRequest): string | null {
    if (request.cache === false) return null;
    const { ordered } = planRoute(this.options.directory.all(), request, (candidates) => candidates);
    if (ordered.length === 0) return null;
    return this.options.digest(
      answerKeyOf(
        request,
        context,
        ordered.map(({ provider }) => provider),
      ),
    );
  }

  private ttlMsOf({ cache }: CompletionRequest): number {
    const { ttlMs, maxTtlMs } = this.options;
    return cache ? Math.min(cache.ttl * 1_000, maxTtlMs) : ttlMs;
  }

  /** The warning for a caller who asks that the answer be kept for longer than any is kept. */
  private warningsOf({ cache }: CompletionRequest): readonly CompletionWarning[] | undefined {
    const { maxTtlMs } = this.options;
    if (!cache || cache.ttl * 1_000 <= maxTtlMs) return undefined;
    const detail = `Answers are kept for ${maxTtlMs / 1_000} s at most`;
    return [{ field: 'cache.ttl', action: 'narrowed', detail }];
  }
}

/** The turn of a request that asks no provider. */
function hit(
  warnings: PolicyTurn['warnings'],
  found: Pick<PolicyTurn, 'answer' | 'followed' | 'mayStartOver'>,
): PolicyTurn {
  return { cacheStatus: 'HIT', warnings, wantsAnswer: false, ...found };
}

/** Whether one who followed a leader that ended with `error`, and has had nothing of its answer, is to look again. */
function mayStartOver(error: unknown, request: PolicyRequest): boolean {
  if (isOwnEnd(error)) return true;
  request.leadersFailed += 1;
  return (
    error instanceof AIError && !SHARED_ERRORS.includes(error.code) && request.leadersFailed < MOST_FAILURES
  );
}
