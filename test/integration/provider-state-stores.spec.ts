import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createClient, type RedisClientType } from 'redis';
import type { BreakerSettings } from '../../src/modules/ai-providers/resilience/circuit-breaker.machine.js';
import type {
  BoundedProvider,
  Permit,
  PermitEnding,
  ProviderAdmission,
  ProviderStateStore,
} from '../../src/modules/ai-providers/resilience/state/provider-state.interface.js';
import { MemoryProviderStateStore } from '../../src/modules/ai-providers/resilience/state/provider-state.memory.store.js';
import { RedisProviderStateStore } from '../../src/modules/ai-providers/resilience/state/provider-state.redis.store.js';
import { CIRCUIT_BREAKER_DEFAULTS } from '../../src/modules/ai-providers/services/circuit-breaker.service.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { describeWith, hasServices } from '../services/with-services.js';
import { describeOnStores, ownPrefix, REDIS_URL } from './support/real-redis.js';

const SETTINGS: BreakerSettings = CIRCUIT_BREAKER_DEFAULTS;
/** Opens often enough that random histories meet open circuits. */
const EAGER: BreakerSettings = { ...SETTINGS, failureThreshold: 3 };
/** Attempts of 5 s make the memory's lease of a trial as long as that in Redis. */
const PROVIDER: BoundedProvider = { id: 'a', maxConcurrency: null, rateLimit: null, timeout: 5_000 };
const LEASE_MS = 10_000;
const HOUR_MS = 3_600_000;

const SUCCESS: PermitEnding = { sent: true, tokens: 10, outcome: 'success' };
const FAILURE: PermitEnding = { sent: true, tokens: 0, outcome: 'failure' };
const NEUTRAL: PermitEnding = { sent: true, tokens: 0, outcome: 'neutral' };
const NOT_SENT: PermitEnding = { sent: false };

let client: RedisClientType | undefined;

beforeAll(async () => {
  if (hasServices('Redis')) client = (await createClient({ url: REDIS_URL }).connect()) as RedisClientType;
});
afterAll(async () => {
  if (client) await client.disconnect();
});

/** @param renewals whose timers drive the renewal of leases; a clock that stands still never renews */
function redisStore(
  clock: FakeClock,
  prefix = ownPrefix(),
  renewals = new FakeClock(),
  settings = SETTINGS,
): RedisProviderStateStore {
  const connection = client as RedisClientType;
  const link = {
    isAvailable: true,
    run: <T>(command: (redis: RedisClientType) => Promise<T>) => command(connection),
  };
  return new RedisProviderStateStore({
    link,
    settings,
    clock: renewals,
    now: () => clock.monotonic(),
    prefix,
  });
}

/** A store, its clock, and the steps of a try in short. */
class Bench {
  readonly clock = new FakeClock();
  readonly store: ProviderStateStore;

  constructor(make: (clock: FakeClock) => ProviderStateStore) {
    this.store = make(this.clock);
  }

  async ask(provider = PROVIDER, tokens = 1): Promise<ProviderAdmission> {
    const admission = await this.store.admit(provider, tokens);
    if (admission === undefined) throw new Error('The store did not answer');
    return admission;
  }

  /** Asks and insists on being let through. */
  async enter(provider = PROVIDER, tokens = 1): Promise<Permit> {
    const { permit, refusal } = await this.ask(provider, tokens);
    if (permit === null) throw new Error(`refused: ${refusal?.reason}`);
    return permit;
  }

  async try(ending: PermitEnding, provider = PROVIDER): Promise<void> {
    await this.store.settle(await this.enter(provider), ending);
  }

  async fails(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) await this.try(FAILURE);
  }

  async refusalOf(provider = PROVIDER): Promise<unknown> {
    return (await this.store.look([provider]))?.[0]?.refusal;
  }

  async circuit(): Promise<string | undefined> {
    return (await this.store.look([PROVIDER]))?.[0]?.circuit.state;
  }
}

const STORES = {
  memory: (clock: FakeClock): ProviderStateStore => new MemoryProviderStateStore(SETTINGS, clock),
  redis: (clock: FakeClock): ProviderStateStore => redisStore(clock),
};

describeOnStores('the state of providers', STORES, (make) => {
  const bench = (): Bench => new Bench(make);

  it('lets as many through at once as the provider takes, and the next one when a slot is given back', async () => {
    const on = bench();
    const provider = { ...PROVIDER, maxConcurrency: 2 };
    const first = await on.enter(provider);
    await on.enter(provider);
    expect((await on.ask(provider)).refusal).toEqual({ reason: 'at_capacity' });
    expect(await on.refusalOf(provider)).toEqual({ reason: 'at_capacity' });
    await on.store.settle(first, SUCCESS);
    expect((await on.ask(provider)).refusal).toBeNull();
  });

  it.each([-HOUR_MS, HOUR_MS])(
    'goes on as if nothing had happened when the time is set by %d ms',
    async (stepMs) => {
      const on = bench();
      await on.store.settle(await on.enter(), {
        sent: true,
        tokens: 1,
        outcome: 'neutral',
        cooldownMs: 2_000,
      });
      on.clock.setWallTime(stepMs);
      expect(await on.refusalOf()).toEqual({ reason: 'cooldown', retryAfterMs: 2_000 });
      await on.clock.advance(2_000);
      await on.fails(SETTINGS.failureThreshold - 1);
      on.clock.setWallTime(stepMs);
      await on.fails(1);
      expect(await on.circuit()).toBe('OPEN');
      on.clock.setWallTime(stepMs);
      await on.clock.advance(SETTINGS.timeoutMs - 1);
      expect(await on.circuit()).toBe('OPEN');
      await on.clock.advance(1);
      expect(await on.circuit()).toBe('HALF_OPEN');
      const limited = { ...PROVIDER, id: 'limited', rateLimit: { requestsPerMinute: 1, tokensPerMinute: 9 } };
      await on.try(SUCCESS, limited);
      on.clock.setWallTime(stepMs);
      expect(await on.refusalOf(limited)).toMatchObject({ reason: 'rate_limited' });
      await on.clock.advance(62_000);
      expect(await on.refusalOf(limited)).toBeNull();
    },
  );

  it('gives a slot back once, however often a permit is settled', async () => {
    const on = bench();
    const provider = { ...PROVIDER, maxConcurrency: 1 };
    const first = await on.enter(provider);
    await on.store.settle(first, SUCCESS);
    await on.enter(provider);
    await on.store.settle(first, SUCCESS);
    expect((await on.ask(provider)).refusal).toEqual({ reason: 'at_capacity' });
  });

  it('lets a minute’s requests through, and says when there is room', async () => {
    const on = bench();
    const provider = { ...PROVIDER, rateLimit: { requestsPerMinute: 2, tokensPerMinute: 1_000 } };
    await on.enter(provider);
    await on.clock.advance(10_000);
    await on.enter(provider);
    const { refusal } = await on.ask(provider);
    expect(refusal).toEqual({ reason: 'rate_limited', retryAfterMs: 51_000 });
    await on.clock.advance(51_000);
    expect((await on.ask(provider)).refusal).toBeNull();
  });

  it('settles reserved tokens by those that were used, and gives back what was not sent', async () => {
    const on = bench();
    const provider = { ...PROVIDER, rateLimit: { requestsPerMinute: 3, tokensPerMinute: 100 } };
    const used = await on.enter(provider, 100);
    expect(await on.refusalOf(provider)).toMatchObject({ reason: 'rate_limited' });
    await on.store.settle(used, SUCCESS);
    const unsent = await on.enter(provider, 90);
    await on.store.settle(unsent, NOT_SENT);
    await on.enter(provider, 60);
    await on.enter(provider, 30);
    expect(await on.refusalOf(provider)).toMatchObject({ reason: 'rate_limited' });
  });

  it('lets a provider rest for as long as its vendor asked, and no shorter rest ends a longer one', async () => {
    const on = bench();
    const [one, two] = [await on.enter(), await on.enter()];
    await on.store.settle(one, { ...NEUTRAL, cooldownMs: 7_000 });
    await on.store.settle(two, { ...NEUTRAL, cooldownMs: 2_000 });
    expect((await on.ask()).refusal).toEqual({ reason: 'cooldown', retryAfterMs: 7_000 });
    await on.clock.advance(7_000);
    expect((await on.ask()).refusal).toBeNull();
  });

  it('believes a cooldown for a day at most, and says how long it lasts', async () => {
    const on = bench();
    const tenYearsMs = 10 * 365 * 24 * HOUR_MS;
    await on.try({ ...NEUTRAL, cooldownMs: tenYearsMs });
    expect((await on.store.look([PROVIDER]))?.[0]).toMatchObject({ cooldownMs: 24 * HOUR_MS });
    expect((await on.ask()).refusal).toEqual({ reason: 'cooldown', retryAfterMs: 24 * HOUR_MS });
    await on.clock.advance(24 * HOUR_MS - 1);
    expect((await on.ask()).refusal).toEqual({ reason: 'cooldown', retryAfterMs: 1 });
    await on.clock.advance(1);
    expect(await on.ask()).toMatchObject({ refusal: null, cooldownMs: 0 });
  });

  it('ends a cooldown by a reset, and believes no cooldown that was earned before it', async () => {
    const on = bench();
    const late = await on.enter();
    await on.try({ ...NEUTRAL, cooldownMs: 7_000 });
    const reset = await on.store.reset(PROVIDER.id);
    expect(reset).toMatchObject({ cooldownMs: 0 });
    expect(await on.refusalOf()).toBeNull();
    await on.store.settle(late, { ...NEUTRAL, cooldownMs: 9_000 });
    expect(await on.refusalOf()).toBeNull();
    await on.try({ ...NEUTRAL, cooldownMs: 3_000 });
    expect(await on.refusalOf()).toEqual({ reason: 'cooldown', retryAfterMs: 3_000 });
    expect((await on.store.reset(PROVIDER.id))?.resetAt).toBeGreaterThan(reset?.resetAt ?? 0);
  });

  it('follows the reset of one configuration once, whichever replica says it first', async () => {
    const on = bench();
    await on.fails(SETTINGS.failureThreshold);
    await on.store.reset(PROVIDER.id, 12);
    expect(await on.circuit()).toBe('CLOSED');
    await on.fails(SETTINGS.failureThreshold);
    await on.store.reset(PROVIDER.id, 12);
    await on.store.reset(PROVIDER.id, 11);
    expect(await on.circuit()).toBe('OPEN');
    await on.store.reset(PROVIDER.id, 13);
    expect(await on.circuit()).toBe('CLOSED');
    await on.fails(SETTINGS.failureThreshold);
    await on.store.reset(PROVIDER.id);
    expect(await on.circuit()).toBe('CLOSED');
  });

  it('opens a circuit, lets one trial at a time through after its time, and closes after enough of them', async () => {
    const on = bench();
    await on.fails(SETTINGS.failureThreshold);
    expect(await on.ask()).toEqual({
      refusal: { reason: 'circuit_open', retryAfterMs: 60_000 },
      circuit: { state: 'OPEN', retryAfterMs: 60_000 },
      cooldownMs: 0,
      resetAt: 0,
      permit: null,
    });
    await on.clock.advance(60_000);
    expect(await on.circuit()).toBe('HALF_OPEN');
    const trial = await on.enter();
    expect((await on.ask()).refusal).toEqual({ reason: 'circuit_open', retryAfterMs: 1_000 });
    await on.store.settle(trial, SUCCESS);
    expect(await on.circuit()).toBe('HALF_OPEN');
    await on.try(SUCCESS);
    expect(await on.circuit()).toBe('CLOSED');
  });

  it('opens again at a trial’s failure, and frees the place of a trial without a outcome', async () => {
    const on = bench();
    await on.fails(SETTINGS.failureThreshold);
    await on.clock.advance(60_000);
    await on.try(NEUTRAL);
    await on.try(NOT_SENT);
    await on.try(FAILURE);
    expect(await on.circuit()).toBe('OPEN');
  });

  it('takes a trial for lost that nobody reports on', async () => {
    const on = bench();
    await on.fails(SETTINGS.failureThreshold);
    await on.clock.advance(60_000);
    const lost = await on.enter();
    await on.clock.advance(LEASE_MS - 1);
    expect((await on.ask()).refusal).toMatchObject({ reason: 'circuit_open' });
    await on.clock.advance(1);
    const next = await on.enter();
    await on.store.settle(lost, FAILURE);
    await on.store.settle(next, SUCCESS);
    await on.try(SUCCESS);
    expect(await on.circuit()).toBe('CLOSED');
  });

  it('is closed by hand, and takes what was sent before for late', async () => {
    const on = bench();
    const late = await on.enter();
    await on.fails(SETTINGS.failureThreshold);
    expect(await on.store.reset(PROVIDER.id)).toMatchObject({
      circuit: { state: 'CLOSED', retryAfterMs: 0 },
    });
    await on.store.settle(late, FAILURE);
    await on.fails(SETTINGS.failureThreshold - 1);
    expect(await on.circuit()).toBe('CLOSED');
    await on.fails(1);
    expect(await on.circuit()).toBe('OPEN');
  });

  it('keeps providers apart', async () => {
    const on = bench();
    await on.fails(SETTINGS.failureThreshold);
    const standings = await on.store.look([PROVIDER, { ...PROVIDER, id: 'b' }]);
    expect(standings?.map(({ circuit }) => circuit.state)).toEqual(['OPEN', 'CLOSED']);
  });
});

describeWith('Redis')('the state of providers in Redis', () => {
  type Step =
    | { do: 'admit'; provider: number; tokens: number }
    | { do: 'settle'; permit: number; ending: PermitEnding }
    | { do: 'pass'; ms: number }
    | { do: 'reset'; provider: number };
  const endings = fc.oneof(
    { weight: 3, arbitrary: fc.constant(FAILURE) },
    {
      weight: 3,
      arbitrary: fc.nat(60).map((tokens): PermitEnding => ({ ...SUCCESS, tokens })),
    },
    fc.constant(NOT_SENT),
    fc.constant<PermitEnding>({ sent: true, tokens: null, outcome: 'success' }),
    fc.nat(20_000).map((cooldownMs): PermitEnding => ({
      sent: true,
      tokens: 3,
      outcome: 'neutral',
      cooldownMs: cooldownMs + 1,
    })),
  );
  const steps = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record<Extract<Step, { do: 'admit' }>>({
          do: fc.constant<'admit'>('admit'),
          provider: fc.nat(2),
          tokens: fc.nat(70),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record<Extract<Step, { do: 'settle' }>>({
          do: fc.constant<'settle'>('settle'),
          permit: fc.nat(4),
          ending: endings,
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record<Extract<Step, { do: 'pass' }>>({
          do: fc.constant<'pass'>('pass'),
          ms: fc.oneof(fc.nat(3_000), fc.nat(70_000), fc.constantFrom(60_000, 120_000)),
        }),
      },
      fc.record<Extract<Step, { do: 'reset' }>>({ do: fc.constant<'reset'>('reset'), provider: fc.nat(2) }),
    ),
    { minLength: 5, maxLength: 60, size: 'max' },
  );
  const PROVIDERS: BoundedProvider[] = [
    PROVIDER,
    { ...PROVIDER, id: 'b', rateLimit: { requestsPerMinute: 4, tokensPerMinute: 120 } },
    { ...PROVIDER, id: 'c', maxConcurrency: 2, rateLimit: { requestsPerMinute: 50, tokensPerMinute: 500 } },
  ];

  it('decides as the one in memory does, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const clock = new FakeClock();
        const stores = [
          new MemoryProviderStateStore(EAGER, clock),
          redisStore(clock, ownPrefix(), new FakeClock(), EAGER),
        ] as const;
        let open: { at: number; permits: (Permit | null | undefined)[] }[] = [];
        const settle = async (entry: (typeof open)[number], ending: PermitEnding): Promise<void> => {
          open = open.filter((other) => other !== entry);
          for (const [index, store] of stores.entries()) {
            const permit = entry.permits[index];
            if (permit) await store.settle(permit, ending);
          }
        };
        for (const step of history) {
          if (step.do === 'admit') {
            const provider = PROVIDERS[step.provider] ?? PROVIDER;
            const [here, there] = [
              stores[0].admit(provider, step.tokens),
              await stores[1].admit(provider, step.tokens),
            ];
            expect(there?.refusal).toEqual(here.refusal);
            expect(there?.permit?.ticket.epoch).toEqual(here.permit?.ticket.epoch);
            if (here.permit) open.push({ at: clock.monotonic(), permits: [here.permit, there?.permit] });
          } else if (step.do === 'settle') {
            const entry = open[step.permit % Math.max(1, open.length)];
            if (entry) await settle(entry, step.ending);
          } else if (step.do === 'reset') {
            for (const store of stores) await store.reset(PROVIDERS[step.provider]?.id ?? '');
          } else {
            // What the one in Redis would take for lost.
            for (const entry of open.filter(({ at }) => at + LEASE_MS <= clock.monotonic() + step.ms))
              await settle(entry, NEUTRAL);
            await clock.advance(step.ms);
          }
          expect(await stores[1].look(PROVIDERS)).toEqual(stores[0].look(PROVIDERS));
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('is one for all replicas', async () => {
    const clock = new FakeClock();
    const prefix = ownPrefix();
    const replicas = [redisStore(clock, prefix), redisStore(clock, prefix), redisStore(clock, prefix)];
    const provider = { ...PROVIDER, rateLimit: { requestsPerMinute: 60, tokensPerMinute: 1_000_000 } };
    const asked = await Promise.all(
      Array.from({ length: 70 }).flatMap(() => replicas.map((replica) => replica.admit(provider, 5))),
    );
    expect(asked.filter((admission) => admission?.permit)).toHaveLength(60);
  });

  it('frees the slots of a replica that has died, and keeps those of one that lives', async () => {
    const clock = new FakeClock();
    const prefix = ownPrefix();
    const provider = { ...PROVIDER, maxConcurrency: 2 };
    const [dead, living] = [redisStore(clock, prefix), redisStore(clock, prefix, clock)];
    await dead.admit(provider, 1);
    await living.admit(provider, 1);
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1_000);
      // Renewals go out on the same connection, before this.
      await living.look([provider]);
    }
    expect((await living.admit(provider, 1))?.refusal).toBeNull();
    expect((await living.admit(provider, 1))?.refusal).toEqual({ reason: 'at_capacity' });
  });

  it('goes by the time of Redis unless told otherwise', async () => {
    const connection = client as RedisClientType;
    const link = {
      isAvailable: true,
      run: <T>(command: (redis: RedisClientType) => Promise<T>) => command(connection),
    };
    const store = new RedisProviderStateStore({
      link,
      settings: SETTINGS,
      clock: new FakeClock(),
      prefix: ownPrefix(),
    });
    const provider = { ...PROVIDER, rateLimit: { requestsPerMinute: 1, tokensPerMinute: 10 } };
    const reservation = (await store.admit(provider, 1))?.permit?.reservation;
    expect(Math.abs((reservation?.second ?? 0) - Date.now() / 1_000)).toBeLessThan(5);
    expect((await store.admit(provider, 1))?.refusal).toMatchObject({ reason: 'rate_limited' });
  });
});
