import type { Random } from '../interfaces/clock.interface.js';
import type { Candidate, RoutingStrategy } from './candidate.interface.js';
import { orderByTwoChoices } from './two-choices.js';

/**
 * Puts candidates into the order in which they are asked: higher priority first whatever the strategy, equals as the
 * strategy says. The result holds each candidate once.
 */
export function orderCandidates<C extends Candidate>(
  candidates: readonly C[],
  strategy: RoutingStrategy,
  random: Random,
): C[] {
  const byPriority = new Map<number, C[]>();
  for (const candidate of candidates) {
    const equals = byPriority.get(candidate.priority);
    if (equals) equals.push(candidate);
    else byPriority.set(candidate.priority, [candidate]);
  }
  return [...byPriority.entries()]
    .sort(([a], [b]) => b - a)
    .flatMap(([, equals]) => (equals.length > 1 ? orderEquals(equals, strategy, random) : equals));
}

function orderEquals<C extends Candidate>(
  equals: readonly C[],
  strategy: RoutingStrategy,
  random: Random,
): C[] {
  switch (strategy) {
    case 'priority':
      return byTurn(equals, random);
    case 'weighted':
      return byWeight(equals, random);
    case 'least-latency':
      return byLatency(equals, random);
    case 'least-busy':
      return orderByTwoChoices(equals, compareLoad, random);
    case 'lowest-cost':
      return byCost(equals, random);
  }
}

/**
 * Even share: the one asked longest ago goes first. That is exact in small numbers, where chance is not, and stays
 * even where requests differ in whom they may ask, where one rotating counter would not. A provider that is new or back
 * gets one turn and then its share.
 */
function byTurn<C extends Candidate>(equals: readonly C[], random: Random): C[] {
  return shuffled(equals, random).sort((a, b) => a.lastTurn - b.lastTurn);
}

/**
 * Draws by weight without replacement: each gets the time of an exponential clock that runs at its weight, and the
 * earliest goes first. Source: P. Efraimidis, P. Spirakis, "Weighted random sampling with a reservoir", Information
 * Processing Letters 97(5), 2006. Weights of 0 and below go last, in any order.
 */
function byWeight<C extends Candidate>(equals: readonly C[], random: Random): C[] {
  const timed = shuffled(equals, random).map((candidate) => ({
    candidate,
    time: candidate.weight > 0 ? -Math.log(1 - random()) / candidate.weight : Infinity,
  }));
  return timed.sort((a, b) => compareNumbers(a.time, b.time)).map(({ candidate }) => candidate);
}

/**
 * The faster of two random ones first. One whose latency is unknown counts as the median of the others: neither
 * overrun because it looks like 0, nor never asked.
 */
function byLatency<C extends Candidate>(equals: readonly C[], random: Random): C[] {
  const known = equals.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
  const middle = median(known);
  const latency = (candidate: Candidate): number => candidate.latencyMs ?? middle;
  return orderByTwoChoices(equals, (a, b) => latency(a) - latency(b), random);
}

/** By the share of the capacity in use where both have one, by the number in flight otherwise. */
function compareLoad(a: Candidate, b: Candidate): number {
  if (a.capacity !== null && b.capacity !== null) return a.inFlight / a.capacity - b.inFlight / b.capacity;
  return a.inFlight - b.inFlight;
}

/**
 * Cheapest first, equal prices and those without in any order. Prices of two currencies cannot be compared: those that
 * are not in the currency most candidates have count as unknown, and unknown ones go last.
 */
function byCost<C extends Candidate>(equals: readonly C[], random: Random): C[] {
  const currency = commonestCurrency(equals);
  const amount = ({ price }: Candidate): number =>
    price?.currency === currency && price ? price.amount : Infinity;
  return shuffled(equals, random).sort((a, b) => compareNumbers(amount(a), amount(b)));
}

function commonestCurrency(candidates: readonly Candidate[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { price } of candidates) {
    if (price) counts.set(price.currency, (counts.get(price.currency) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** Differences do not compare Infinity with itself. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const result: T[] = [];
  while (left.length > 0) result.push(...left.splice(Math.floor(random() * left.length), 1));
  return result;
}
