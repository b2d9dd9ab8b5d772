import type { RateLimit } from '../interfaces/ai-provider.interface.js';

/** What one second let through. */
export interface RateBucket {
  /** Whole seconds by the clock of the store that keeps the window: monotonic in memory, Redis's own. */
  readonly second: number;
  readonly requests: number;
  readonly tokens: number;
}

/** What the last minute let through: one bucket for each second that let something through, oldest first. JSON-able. */
export type RateWindow = readonly RateBucket[];

/** What one request holds of the window; settled or released once. */
export interface RateReservation {
  readonly second: number;
  readonly tokens: number;
}

export type RateDecision =
  { granted: true; state: RateWindow; reservation: RateReservation } | { granted: false; waitMs: number };

const BUCKET_MS = 1_000;
/**
 * How many seconds back a bucket counts. What came late in second s must count for 60 s from then on, which is until
 * the end of second s + 60: so no 60 s, wherever they begin, hold more than the limit, and room is found up to 1 s late.
 */
const SECONDS_COUNTED = 60;

export const EMPTY_RATE_WINDOW: RateWindow = [];

/**
 * Takes one request and its estimated tokens out of a minute's allowance, or says when there would be room if no request
 * gave anything back. One estimated above the whole token limit takes all of it, so it waits for an empty window
 * and goes alone: only the vendor can say whether it refuses it. A limit below 1 admits nothing, ever.
 */
export function reserve(state: RateWindow, now: number, limit: RateLimit, tokens: number): RateDecision {
  const waitMs = timeUntilRoom(state, now, limit, tokens);
  if (waitMs > 0) return { granted: false, waitMs };
  const live = liveBuckets(state, now);
  const last = live.at(-1);
  const second = Math.max(secondOf(now), last?.second ?? 0);
  const taken = tokensToTake(limit, tokens);
  const open = last?.second === second ? last : { second, requests: 0, tokens: 0 };
  const before = open === last ? live.slice(0, -1) : live;
  return {
    granted: true,
    state: [...before, { second, requests: open.requests + 1, tokens: open.tokens + taken }],
    reservation: { second, tokens: taken },
  };
}

/** Milliseconds until `reserve` would grant, 0 where it would now, Infinity where it never will. Takes nothing. */
export function timeUntilRoom(state: RateWindow, now: number, limit: RateLimit, tokens: number): number {
  if (limit.requestsPerMinute < 1 || limit.tokensPerMinute < 1) return Infinity;
  const live = liveBuckets(state, now);
  let requests = 1;
  let needed = tokensToTake(limit, tokens);
  for (const bucket of live) {
    requests += bucket.requests;
    needed += bucket.tokens;
  }
  let waitMs = 0;
  for (const bucket of live) {
    if (requests <= limit.requestsPerMinute && needed <= limit.tokensPerMinute) break;
    requests -= bucket.requests;
    needed -= bucket.tokens;
    waitMs = (bucket.second + SECONDS_COUNTED + 1) * BUCKET_MS - now;
  }
  return waitMs;
}

/**
 * Replaces a reservation's estimate by the real usage, in the second it was made: what was not used is free again, what
 * was used beyond it counts against those who come after. Where usage stays unknown, the estimate stands: don't settle.
 */
export function settle(state: RateWindow, reservation: RateReservation, actualTokens: number): RateWindow {
  return correct(state, reservation.second, 0, whole(actualTokens) - reservation.tokens);
}

/** Gives a reservation back whole: its request was never sent. */
export function release(state: RateWindow, reservation: RateReservation): RateWindow {
  return correct(state, reservation.second, -1, -reservation.tokens);
}

function correct(state: RateWindow, second: number, requests: number, tokens: number): RateWindow {
  const index = state.findLastIndex((bucket) => bucket.second === second);
  const bucket = state[index];
  if (bucket === undefined) return state;
  const corrected = {
    second,
    requests: Math.max(0, bucket.requests + requests),
    tokens: Math.max(0, bucket.tokens + tokens),
  };
  return corrected.requests > 0 || corrected.tokens > 0
    ? state.with(index, corrected)
    : state.toSpliced(index, 1);
}

/** Buckets further ahead than a window is long come from a clock that has been set back: they would never leave. */
function liveBuckets(state: RateWindow, now: number): RateWindow {
  const current = secondOf(now);
  const isLive = ({ second }: RateBucket): boolean => Math.abs(current - second) <= SECONDS_COUNTED;
  const [oldest] = state;
  const newest = state.at(-1);
  if (oldest === undefined || newest === undefined || (isLive(oldest) && isLive(newest))) return state;
  return state.filter(isLive);
}

function tokensToTake(limit: RateLimit, tokens: number): number {
  return Math.min(whole(tokens), limit.tokensPerMinute);
}

function whole(tokens: number): number {
  return Math.max(0, Math.ceil(tokens));
}

function secondOf(now: number): number {
  return Math.floor(now / BUCKET_MS);
}
