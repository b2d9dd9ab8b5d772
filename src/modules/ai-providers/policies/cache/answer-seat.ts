import { AIError } from '../../errors/ai.error.js';
import type { AIErrorCode } from '../../interfaces/error-code.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type {
  CacheStatus,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
  FinishReason,
  StoredAnswer,
} from '../../interfaces/completion.interface.js';
import { sleep } from '../../resilience/abortable-sleep.js';
import { planRoute } from '../../routing/plan-route.js';
import type { AnswerFlight } from './answer-flights.js';
import { answerKeyOf } from './answer-key.js';
import type { AnswerCache, AnswerCacheDependencies } from './answer-cache.ports.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import { SharedStream } from './shared-stream.js';

/** How answers end that are whole: one that a filter or an unknown reason ended is shown, but not again. */
const WHOLE: readonly FinishReason[] = ['stop', 'length', 'tool_calls'];

/** Errors of the leader's own, or of ours: they say nothing about the request, nor about the providers. */
const DEPARTURES: readonly AIErrorCode[] = [
  'CLIENT_CLOSED_REQUEST',
  'DEADLINE_EXCEEDED',
  'SHUTTING_DOWN',
  'INTERNAL',
];

/** Errors that anybody who asks the same gets. */
const VERDICTS: readonly AIErrorCode[] = [
  'UPSTREAM_REJECTED_REQUEST',
  'UNSUPPORTED_REQUEST',
  'MODEL_NOT_FOUND',
];

/** So many leaders may fail before one who has followed them shares what the last one got. */
const MOST_FAILURES = 2;

/** Between two looks whether another replica has its answer. */
const LOOK_EVERY_MS = 50;

/**
 * The longest that other replicas wait for one that asks. Our number, the attempt's own bound where an operator says nothing: no
 * defect that keeps a request from ending may keep all that ask the same waiting.
 */
const LONGEST_CLAIM_MS = 600_000;

/** For so long a stream waits for another replica's answer, which it cannot hear as it comes. */
const STREAM_WAIT_MS = 1_000;

/** How a request looks for its answer. */
export interface SeatWish {
  /** Whether chunks are wanted as they come. */
  readonly streamed: boolean;
  /** Leaders that it has followed and that failed. */
  failures: number;
}

/** A request's place before the cache: it has its answer, follows another's stream, or goes for it and says how that ended. */
export class AnswerSeat {
  constructor(
    readonly status: CacheStatus,
    /** Null where providers are to be asked, or a stream is to be followed. */
    readonly answer: StoredAnswer | null = null,
    /** Where nothing is to be kept: undefined. */
    private keep?: (answer: StoredAnswer) => Promise<void>,
    /** Where others may follow it. */
    readonly flight?: AnswerFlight,
    /** Where other replicas may wait for it. */
    private release?: () => void,
    /** The stream of another request. */
    readonly followed?: SharedStream,
  ) {}

  /** Whether somebody may be given its answer later. */
  get isKept(): boolean {
    return this.keep !== undefined;
  }

  land(response: CompletionResponse): void {
    if (this.keep === undefined) return;
    const { id, latency, cached, attempts, ...answer } = response;
    const kept = this.keep(answer);
    const { release } = this;
    this.release = undefined;
    // Whoever may ask then has to find it.
    if (release) void kept.then(release);
    this.flight?.end({ answer });
  }

  /** The request is over. Where it did not land, whoever waited for it hears why, and other replicas may ask. */
  close(error: unknown): void {
    const left = !(error instanceof AIError) || DEPARTURES.includes(error.code);
    this.leave(left ? 'left' : { failure: error });
  }

  /** Its answer is not to be kept: whoever waited for it looks anew. */
  forgo(): void {
    this.keep = undefined;
    this.leave('left');
  }

  private leave(outcome: 'left' | { failure: unknown }): void {
    this.release?.();
    this.release = undefined;
    this.flight?.end(outcome);
  }
}

const BYPASS = new AnswerSeat('BYPASS');

/**
 * Looks whether the answer is there already, or on its way for another request. Whoever finds neither leads. Where a leader
 * fails, what says something about the request is everybody's; else one of its followers leads and the others follow that
 * one. The promise rejects with `AIError` when `deadline` ends while it waits; without a cache there is none.
 */
export function takeSeat(
  deps: AnswerCacheDependencies,
  request: CompletionRequest,
  context: CompletionContext,
  deadline: RequestDeadline,
  wish: SeatWish,
): AnswerSeat | Promise<AnswerSeat> {
  const { cache } = deps;
  const key = cache && keyOf(deps, cache, request, context);
  return cache && key !== null ? seatFor(key, cache, request, deps.clock, deadline, wish) : BYPASS;
}

/** Whether one who followed a leader that ended with `error`, and has had nothing of its answer, looks anew. */
export function looksAnewAfter(error: unknown, wish: SeatWish): boolean {
  if (!(error instanceof AIError) || DEPARTURES.includes(error.code)) return true;
  wish.failures += 1;
  return !VERDICTS.includes(error.code) && wish.failures < MOST_FAILURES;
}

async function seatFor(
  key: string,
  cache: AnswerCache,
  request: CompletionRequest,
  clock: Clock,
  deadline: RequestDeadline,
  wish: SeatWish,
): Promise<AnswerSeat> {
  const ttlMs = request.cache ? Math.min(request.cache.ttl * 1_000, cache.maxTtlMs) : cache.ttlMs;
  const keep = async (answer: StoredAnswer): Promise<void> => {
    if (WHOLE.includes(answer.finishReason)) await cache.store.write(key, answer, ttlMs);
  };
  for (;;) {
    const ahead = cache.flights.find(key);
    if (ahead === undefined) {
      const flight = cache.flights.lead(key);
      const found = await lookUp(key, cache, flight, clock, deadline, wish.streamed);
      if ('answer' in found) return new AnswerSeat('HIT', found.answer);
      return new AnswerSeat('MISS', null, keep, flight, found.release);
    }
    const outcome = await ahead.wait(deadline, wish.streamed);
    if (outcome instanceof SharedStream)
      return new AnswerSeat('HIT', null, undefined, undefined, undefined, outcome);
    if (outcome === 'left') continue;
    if ('answer' in outcome) return new AnswerSeat('HIT', outcome.answer);
    if (!looksAnewAfter(outcome.failure, wish)) throw outcome.failure;
  }
}

/** The answer that is kept, or leave to ask for it, which one replica at a time has. */
async function lookUp(
  key: string,
  { store, claims }: AnswerCache,
  flight: AnswerFlight,
  clock: Clock,
  deadline: RequestDeadline,
  streamed: boolean,
): Promise<{ answer: StoredAnswer } | { release: (() => void) | undefined }> {
  const claimEndsAt = clock.monotonic() + LONGEST_CLAIM_MS;
  const patienceEndsAt = streamed ? clock.monotonic() + STREAM_WAIT_MS : Infinity;
  let release: (() => void) | null = null;
  const found = (answer: StoredAnswer): { answer: StoredAnswer } => {
    flight.end({ answer });
    return { answer };
  };
  try {
    for (;;) {
      const answer = await store.read(key);
      if (answer !== undefined) return found(answer);
      if (!claims.isShared) return { release: undefined };
      release = await claims.claim(key, () => flight.isStalled() || clock.monotonic() >= claimEndsAt);
      if (release !== null) {
        // Another replica may have kept it, and taken its claim back, since it was looked for.
        const kept = await store.read(key);
        deadline.throwIfAborted();
        if (kept === undefined) return { release };
        release();
        return found(kept);
      }
      if (clock.monotonic() >= patienceEndsAt) return { release: undefined };
      await sleep(LOOK_EVERY_MS, deadline.signal, clock);
    }
  } catch (error) {
    release?.();
    flight.end('left');
    throw error;
  }
}

function keyOf(
  deps: AnswerCacheDependencies,
  cache: AnswerCache,
  request: CompletionRequest,
  context: CompletionContext,
): string | null {
  if (request.cache === false) return null;
  const { ordered } = planRoute(deps.directory.all(), request, (providers) => providers);
  return ordered.length === 0 ? null : cache.digest(answerKeyOf(request, context, ordered));
}
