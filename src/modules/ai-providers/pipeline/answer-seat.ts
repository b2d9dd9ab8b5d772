import { AIError } from '../errors/ai.error.js';
import type { Clock } from '../interfaces/clock.interface.js';
import type {
  CacheStatus,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
  FinishReason,
  StoredAnswer,
} from '../interfaces/completion.interface.js';
import { sleep } from '../resilience/abortable-sleep.js';
import { planRoute } from '../routing/plan-route.js';
import type { AnswerFlight } from './answer-flights.js';
import { answerKeyOf } from './answer-key.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import type { AnswerCache } from './ports.js';
import type { RequestDeadline } from './request-deadline.js';

/** How answers end that are whole: one that a filter or an unknown reason ended is shown, but not again. */
const WHOLE: readonly FinishReason[] = ['stop', 'length', 'tool_calls'];

/** Errors of the leader's own: they say nothing about the request. */
const DEPARTURES: readonly string[] = ['CLIENT_CLOSED_REQUEST', 'DEADLINE_EXCEEDED'];

/** Between two looks whether another replica has its answer. */
const LOOK_EVERY_MS = 50;

/** A request's place before the cache: it has its answer, or goes for it and says how that ended. */
export class AnswerSeat {
  constructor(
    readonly status: CacheStatus,
    /** Null where providers are to be asked. */
    readonly answer: StoredAnswer | null = null,
    /** Where nothing is to be kept: undefined. */
    private keep?: (answer: StoredAnswer) => Promise<void>,
    /** Where others may wait for it. */
    private readonly flight?: AnswerFlight,
    /** Where other replicas may. */
    private release?: () => void,
  ) {}

  /** Whether somebody may be given its answer later. */
  get isKept(): boolean {
    return this.keep !== undefined;
  }

  land(response: CompletionResponse): void {
    if (this.keep === undefined) return;
    const { id, latency, cached, attempts, ...answer } = response;
    const kept = this.keep(answer);
    // Whoever may ask then has to find it.
    if (this.release) void kept.then(this.release);
    this.flight?.end({ answer });
  }

  fail(error: unknown): void {
    const left = error instanceof AIError && DEPARTURES.includes(error.code);
    this.leave(left ? 'left' : 'failed');
  }

  /** Its answer is not to be kept: whoever waited for it asks for himself. */
  forgo(): void {
    this.keep = undefined;
    this.leave('failed');
  }

  /** The reader of a stream has its chunks, and may take his time. */
  hold(): void {
    this.flight?.hold();
  }

  /** He wants more. */
  resume(): void {
    this.flight?.resume();
  }

  private leave(outcome: 'left' | 'failed'): void {
    this.release?.();
    this.release = undefined;
    this.flight?.end(outcome);
  }
}

const BYPASS = new AnswerSeat('BYPASS');

/**
 * Looks whether the answer is there already, or on its way for another request. Whoever finds neither leads: whatever
 * becomes of its request, those that ask the same meanwhile are not made to fail by it.
 * The promise rejects with `AIError` when `deadline` ends while it waits; without a cache there is none.
 */
export function takeSeat(
  deps: PipelineDependencies,
  request: CompletionRequest,
  context: CompletionContext,
  deadline: RequestDeadline,
): AnswerSeat | Promise<AnswerSeat> {
  const { cache } = deps;
  const key = cache && keyOf(deps, cache, request, context);
  return cache && key !== null ? seatFor(key, cache, request, deps.clock, deadline) : BYPASS;
}

async function seatFor(
  key: string,
  cache: AnswerCache,
  request: CompletionRequest,
  clock: Clock,
  deadline: RequestDeadline,
): Promise<AnswerSeat> {
  const ttlMs = request.cache ? request.cache.ttl * 1_000 : cache.ttlMs;
  const keep = async (answer: StoredAnswer): Promise<void> => {
    if (WHOLE.includes(answer.finishReason)) await cache.store.write(key, answer, ttlMs);
  };
  for (;;) {
    const ahead = cache.flights.find(key);
    if (ahead === undefined) {
      const flight = cache.flights.lead(key);
      const found = await lookUp(key, cache, flight, clock, deadline);
      if ('answer' in found) return new AnswerSeat('HIT', found.answer);
      return new AnswerSeat('MISS', null, keep, flight, found.release);
    }
    const outcome = await ahead.wait(deadline);
    if (outcome === 'failed') return new AnswerSeat('MISS', null, keep);
    if (outcome !== 'left') return new AnswerSeat('HIT', outcome.answer);
  }
}

/** The answer that is kept, or leave to ask for it, which one replica at a time has. */
async function lookUp(
  key: string,
  { store, claims }: AnswerCache,
  flight: AnswerFlight,
  clock: Clock,
  deadline: RequestDeadline,
): Promise<{ answer: StoredAnswer } | { release: (() => void) | undefined }> {
  const found = (answer: StoredAnswer): { answer: StoredAnswer } => {
    flight.end({ answer });
    return { answer };
  };
  try {
    for (;;) {
      const answer = await store.read(key);
      if (answer !== undefined) return found(answer);
      if (!claims.isShared) return { release: undefined };
      const release = await claims.claim(key, () => flight.isStalled);
      if (release !== null) {
        // Another replica may have kept it, and taken its claim back, since it was looked for.
        const kept = await store.read(key);
        if (kept === undefined) return { release };
        release();
        return found(kept);
      }
      await sleep(LOOK_EVERY_MS, deadline.signal, clock);
    }
  } catch (error) {
    flight.end('left');
    throw error;
  }
}

function keyOf(
  deps: PipelineDependencies,
  cache: AnswerCache,
  request: CompletionRequest,
  context: CompletionContext,
): string | null {
  if (request.cache === false) return null;
  const { ordered } = planRoute(deps.directory.all(), request, (providers) => providers);
  return ordered.length === 0 ? null : cache.digest(answerKeyOf(request, context, ordered));
}
