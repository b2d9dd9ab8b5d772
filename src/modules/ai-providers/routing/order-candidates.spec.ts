import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seeded } from '../../../../test/fakes/seeded-random.js';
import type { Candidate, RoutingStrategy } from './candidate.interface.js';
import { orderCandidates } from './order-candidates.js';
import { TurnLedger } from './turn-ledger.js';

const STRATEGIES: RoutingStrategy[] = ['priority', 'weighted', 'least-latency', 'least-busy', 'lowest-cost'];

function candidate(id: string, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    priority: 0,
    weight: 1,
    inFlight: 0,
    capacity: null,
    latencyMs: null,
    price: null,
    lastTurn: 0,
    ...more,
  };
}

function ids(candidates: readonly Candidate[]): string {
  return candidates.map(({ id }) => id).join('');
}

/** How often each came first in many draws, as shares of 1. */
function shares(candidates: Candidate[], strategy: RoutingStrategy, draws = 20_000): Record<string, number> {
  const random = seeded(7);
  const counts: Record<string, number> = Object.fromEntries(candidates.map(({ id }) => [id, 0]));
  for (let draw = 0; draw < draws; draw += 1) {
    const id = orderCandidates(candidates, strategy, random)[0]?.id ?? '';
    counts[id] = (counts[id] ?? 0) + 1 / draws;
  }
  return counts;
}

describe('every strategy', () => {
  const price = fc.record({
    amount: fc.double({ min: 0, max: 1, noNaN: true }),
    currency: fc.constantFrom('USD', 'EUR'),
  });
  const fields = fc.record({
    priority: fc.integer({ min: -2, max: 2 }),
    weight: fc.double({ min: -1, max: 10, noNaN: true }),
    inFlight: fc.nat(5),
    capacity: fc.option(fc.integer({ min: 1, max: 9 })),
    latencyMs: fc.option(fc.nat(9_000)),
    price: fc.option(price),
    lastTurn: fc.nat(9),
  });
  const given = fc
    .array(fields, { maxLength: 12 })
    .map((list) => list.map((each, n) => candidate(`p${n}`, each)));

  it.each(STRATEGIES)(
    '%s: keeps each candidate once, higher priority first, and leaves its input alone',
    (strategy) => {
      fc.assert(
        fc.property(given, fc.integer(), (candidates, seed) => {
          const before = structuredClone(candidates);
          const ordered = orderCandidates(candidates, strategy, seeded(seed));
          expect(ordered.map(({ id }) => id).sort()).toEqual(candidates.map(({ id }) => id).sort());
          const priorities = ordered.map(({ priority }) => priority);
          expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
          expect(candidates).toEqual(before);
        }),
      );
    },
  );
});

describe('priority', () => {
  it('lets equals take turns: shares differ by no more than one, after any number of requests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(40), fc.integer(), (size, requests, seed) => {
        const [ledger, random] = [new TurnLedger(), seeded(seed)];
        const asked = Array.from({ length: size }, () => 0);
        for (let request = 0; request < requests; request += 1) {
          const now = asked.map((_, n) => candidate(String(n), { lastTurn: ledger.lastTurn(String(n)) }));
          const first = orderCandidates(now, 'priority', random)[0]?.id ?? '';
          ledger.take(first);
          asked[Number(first)] = (asked[Number(first)] ?? 0) + 1;
        }
        expect(Math.max(...asked) - Math.min(...asked)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gives one that is new or back a single turn, no rush', () => {
    const ledger = new TurnLedger();
    for (const id of ['a', 'b', 'a', 'b']) ledger.take(id);
    const firsts = Array.from({ length: 6 }, () => {
      const now = ['a', 'b', 'n'].map((id) => candidate(id, { lastTurn: ledger.lastTurn(id) }));
      const first = orderCandidates(now, 'priority', seeded(1))[0]?.id ?? '';
      ledger.take(first);
      return first;
    });
    expect(firsts.join('')).toBe('nabnab');
    ledger.forget('n');
    expect(ledger.lastTurn('n')).toBe(0);
  });

  it('starts anywhere: of those never asked each comes first alike', () => {
    const first = shares([candidate('a'), candidate('b'), candidate('c')], 'priority');
    for (const share of Object.values(first)) expect(share).toBeCloseTo(1 / 3, 1);
  });
});

describe('weighted', () => {
  it('shares converge to the weights', () => {
    const first = shares(
      [candidate('a', { weight: 6 }), candidate('b', { weight: 3 }), candidate('c')],
      'weighted',
    );
    expect(first.a).toBeCloseTo(0.6, 1);
    expect(first.b).toBeCloseTo(0.3, 1);
    expect(first.c).toBeCloseTo(0.1, 1);
  });

  it('draws the second place by weight among those left', () => {
    const [random, draws] = [seeded(3), 20_000];
    let bBeforeC = 0;
    const list = [candidate('a', { weight: 1e9 }), candidate('b', { weight: 3 }), candidate('c')];
    for (let draw = 0; draw < draws; draw += 1) {
      if (ids(orderCandidates(list, 'weighted', random)).endsWith('bc')) bBeforeC += 1 / draws;
    }
    expect(bBeforeC).toBeCloseTo(0.75, 1);
  });

  it('asks one of weight 0 only after all others', () => {
    const list = [candidate('z', { weight: 0 }), candidate('a', { weight: 0.001 }), candidate('b')];
    for (let seed = 0; seed < 200; seed += 1) {
      expect(ids(orderCandidates(list, 'weighted', seeded(seed)))).toMatch(/z$/);
    }
  });
});

describe('least-latency', () => {
  const timed = (id: string, latencyMs: number | null): Candidate => candidate(id, { latencyMs });

  it('asks the faster of two first', () => {
    expect(shares([timed('slow', 900), timed('fast', 100)], 'least-latency', 500)).toEqual({
      slow: 0,
      fast: expect.closeTo(1),
    });
  });

  it('asks by two random choices: the best of three in two thirds, the worst never', () => {
    const first = shares([timed('a', 100), timed('b', 200), timed('c', 300)], 'least-latency');
    expect(first.a).toBeCloseTo(2 / 3, 1);
    expect(first.b).toBeCloseTo(1 / 3, 1);
    expect(first.c).toBe(0);
  });

  it('takes an unknown latency for the median: before the slower, behind the faster, no rush', () => {
    const list = [timed('a', 100), timed('b', 200), timed('c', 300), timed('new', null)];
    const first = shares(list, 'least-latency');
    expect(first.a).toBeCloseTo(1 / 2, 1);
    expect(first.new).toBeCloseTo(1 / 4, 1);
    expect(first.c).toBe(0);
    expect(shares([timed('a', 100), timed('new', null)], 'least-latency').new).toBeCloseTo(1 / 2, 1);
  });

  it('shares evenly where nothing is known', () => {
    expect(shares([timed('a', null), timed('b', null)], 'least-latency').a).toBeCloseTo(1 / 2, 1);
  });
});

describe('least-busy', () => {
  it('asks the one with fewer requests in flight first', () => {
    const list = [candidate('a', { inFlight: 3 }), candidate('b', { inFlight: 2 })];
    expect(ids(orderCandidates(list, 'least-busy', seeded(1)))).toBe('ba');
  });

  it('compares by the share of the capacity in use where both have one', () => {
    const small = candidate('s', { inFlight: 2, capacity: 4 });
    const large = candidate('l', { inFlight: 10, capacity: 100 });
    expect(ids(orderCandidates([small, large], 'least-busy', seeded(1)))).toBe('ls');
    expect(ids(orderCandidates([small, { ...large, capacity: null }], 'least-busy', seeded(1)))).toBe('sl');
  });

  it('fills equals evenly', () => {
    const random = seeded(5);
    const inFlight = [0, 0, 0, 0];
    for (let request = 0; request < 400; request += 1) {
      const list = inFlight.map((count, n) => candidate(String(n), { inFlight: count }));
      const first = Number(orderCandidates(list, 'least-busy', random)[0]?.id);
      inFlight[first] = (inFlight[first] ?? 0) + 1;
    }
    expect(Math.max(...inFlight) - Math.min(...inFlight)).toBeLessThanOrEqual(4);
  });
});

describe('lowest-cost', () => {
  const priced = (id: string, amount: number | null, currency = 'USD'): Candidate =>
    candidate(id, { price: amount === null ? null : { amount, currency } });

  it('asks the cheapest first, free before cheap, and those without a price last', () => {
    const list = [priced('n', null), priced('b', 0.2), priced('a', 0.1), priced('f', 0)];
    expect(ids(orderCandidates(list, 'lowest-cost', seeded(2)))).toBe('fabn');
  });

  it('does not compare currencies: those that are not the commonest count as unknown', () => {
    const list = [priced('e', 0.01, 'EUR'), priced('b', 0.2), priced('a', 0.1)];
    expect(ids(orderCandidates(list, 'lowest-cost', seeded(2)))).toBe('abe');
  });

  it('shares evenly among those of one price', () => {
    expect(shares([priced('a', 0.1), priced('b', 0.1)], 'lowest-cost').a).toBeCloseTo(1 / 2, 1);
  });
});
