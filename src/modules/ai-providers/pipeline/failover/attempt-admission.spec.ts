import { describe, expect, it } from '@jest/globals';
import { fault, finish, PipelineBench, text, type Step } from '../../../../../test/fakes/pipeline-bench.js';
import type { AIError } from '../../errors/ai.error.js';
import type { Attempt, Refusal } from '../../interfaces/attempt.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { CompletionRequest, CompletionResponse } from '../../interfaces/completion.interface.js';
import { PriorityWaitQueue } from '../../resilience/queue/priority-wait-queue.js';
import type { AttemptScope } from '../attempt/attempt-scope.js';
import { runCompletion } from '../complete.pipeline.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { AttemptGate, SharedGate, RequestWaitQueue } from '../../admission/admission.ports.js';

const GOOD: Step[] = [text('Hello'), finish()];
const slow = (waitMs: number): Step[] => [{ waitMs }, ...GOOD];

/** So many at once at each provider, and what it refused and gave back. */
class SlotGate implements AttemptGate {
  readonly taken = new Map<string, number>();
  readonly endings: string[] = [];

  constructor(private readonly slots: Record<string, number>) {}

  peek({ id }: { id: string }): Refusal | null {
    return (this.taken.get(id) ?? 0) < (this.slots[id] ?? Infinity) ? null : { reason: 'at_capacity' };
  }

  enter(scope: AttemptScope): Refusal | null {
    const { id } = scope.provider;
    const refusal = this.peek(scope.provider);
    if (refusal) return refusal;
    this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
    scope.onSettled(({ outcome }) => {
      this.endings.push(`${id} ${outcome}`);
      this.taken.set(id, (this.taken.get(id) ?? 0) - 1);
    });
    return null;
  }
}

/** Refuses some providers, for a reason each. */
class RefusingGate implements AttemptGate {
  readonly asked: string[] = [];

  constructor(readonly refusals: Record<string, Refusal | undefined>) {}

  peek(): null {
    return null;
  }

  enter({ provider }: AttemptScope): Refusal | null {
    this.asked.push(provider.id);
    return this.refusals[provider.id] ?? null;
  }
}

/** What all replicas share: its answers come a little later, and what it refuses it refuses here too until then. */
class Elsewhere implements SharedGate {
  readonly asked: string[] = [];
  readonly endings: string[] = [];
  private readonly known = new Map<string, Refusal & { until: number }>();

  /** @param refusals what it says to the first who ask for a provider; afterwards it lets through */
  constructor(
    private readonly clock: Clock,
    private readonly refusals: Record<string, Refusal[]>,
    private readonly journeyMs = 5,
  ) {}

  peek({ id }: { id: string }): Refusal | null {
    const known = this.known.get(id);
    const left = (known?.until ?? 0) - this.clock.monotonic();
    return known && left > 0 ? { reason: known.reason, retryAfterMs: left } : null;
  }

  enter({ provider }: AttemptScope): Refusal | null {
    return this.peek(provider);
  }

  admit(scope: AttemptScope): Promise<Refusal | null> {
    const { id } = scope.provider;
    this.asked.push(`${id} ${scope.tryNumber}`);
    scope.onSettled(({ outcome }) => this.endings.push(`${id} ${outcome}`));
    return new Promise((resolve) =>
      this.clock.schedule(this.journeyMs, () => {
        const refusal = this.refusals[id]?.shift() ?? null;
        if (refusal)
          this.known.set(id, { ...refusal, until: this.clock.monotonic() + (refusal.retryAfterMs ?? 20) });
        resolve(refusal);
      }),
    );
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }
}

/** A hall with gates of its own and one shared with others. */
function shared(
  refusals: Record<string, Refusal[]>,
  ...gates: AttemptGate[]
): { hall: Hall; elsewhere: Elsewhere } {
  const bench = new PipelineBench();
  const elsewhere = new Elsewhere(bench.clock, refusals);
  return { hall: new Hall([...gates, elsewhere], 10, { shared: elsewhere }, bench), elsewhere };
}

class Hall {
  readonly deps: PipelineDependencies;

  constructor(
    gates: AttemptGate[],
    capacity = 10,
    more: Partial<PipelineDependencies> = {},
    readonly bench = new PipelineBench(),
  ) {
    const queue: RequestWaitQueue<AttemptScope> = new PriorityWaitQueue({
      clock: this.bench.clock,
      capacity,
      tryTake: ({ need }) => need(),
    });
    this.deps = this.bench.deps({ gates, queue, ...more });
  }

  ask(
    prompt: string,
    more: Partial<CompletionRequest> = {},
    signal?: AbortSignal,
  ): Promise<CompletionResponse> {
    const answer = runCompletion(this.deps, { prompt, ...more } as CompletionRequest, { signal });
    answer.catch(() => undefined);
    return answer;
  }

  /** The prompts that were sent, in order. */
  sent(id: string): unknown[] {
    return this.bench.adapters.get(id)?.calls.map(({ call }) => call.messages[0]?.content) ?? [];
  }
}

const errorOf = (answer: Promise<unknown>): Promise<AIError> =>
  answer.then(
    () => Promise.reject(new Error('It was answered')),
    (error: AIError) => error,
  );
const trail = (attempts: Attempt[] = []): string[] =>
  attempts.map(({ providerId, outcome, skipped }) => `${providerId} ${skipped ?? outcome}`);

describe('admission', () => {
  it('gives back what earlier gates gave when a later one refuses, and says why', async () => {
    const slots = new SlotGate({});
    const circuit = new RefusingGate({ a: { reason: 'circuit_open', retryAfterMs: 9_000 } });
    const hall = new Hall([slots, circuit]);
    const first = hall.bench.add('a', [GOOD]);
    hall.bench.add('b', [GOOD]);
    const { attempts } = await hall.ask('Hi');
    expect(trail(attempts)).toEqual(['a circuit_open', 'b success']);
    expect(slots.endings).toEqual(['a not_sent', 'b success']);
    expect(first.calls).toHaveLength(0);
  });

  it('names a provider that had no room when another one is taken, once', async () => {
    const slots = new SlotGate({ a: 0 });
    const hall = new Hall([slots]);
    hall.bench.add('a', [GOOD]);
    hall.bench.add('b', [[fault('server_error')], GOOD]);
    const answer = hall.ask('Hi');
    await hall.bench.clock.advance(1_000);
    expect(trail((await answer).attempts)).toEqual(['a at_capacity', 'b server_error', 'b success']);
  });

  it('waits where all are at their limit, and is served when a slot is given back', async () => {
    const slots = new SlotGate({ a: 1 });
    const hall = new Hall([slots]);
    hall.bench.add('a', [slow(100)]);
    const answers = [hall.ask('one'), hall.ask('two'), hall.ask('three')];
    await hall.bench.clock.advance(150);
    expect(hall.sent('a')).toEqual(['one', 'two']);
    await hall.bench.clock.advance(200);
    await Promise.all(answers);
    expect(hall.deps.queue.size).toBe(0);
    expect(hall.bench.clock.pending).toBe(0);
    expect(slots.taken.get('a')).toBe(0);
  });

  it('serves high before normal before low', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })]);
    hall.bench.add('a', [slow(10)]);
    const answers = [hall.ask('first')];
    for (const priority of ['low', 'normal', 'high'] as const) answers.push(hall.ask(priority, { priority }));
    await hall.bench.clock.advance(100);
    await Promise.all(answers);
    expect(hall.sent('a')).toEqual(['first', 'high', 'normal', 'low']);
  });

  it('lets no newcomer overtake one who waits for the same', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })]);
    hall.bench.add('a', [slow(10)]);
    const answers = [hall.ask('first'), hall.ask('waits')];
    answers.push(...answers.slice(0, 1).map((answer) => answer.then(() => hall.ask('newcomer'))));
    await hall.bench.clock.advance(100);
    await Promise.all(answers);
    expect(hall.sent('a')).toEqual(['first', 'waits', 'newcomer']);
  });

  it('never sends a request whose caller hung up in the queue', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })]);
    hall.bench.add('a', [slow(10)]);
    const caller = new AbortController();
    const first = hall.ask('first');
    const gone = hall.ask('gone', {}, caller.signal);
    await hall.bench.clock.advance(5);
    caller.abort();
    expect(await errorOf(gone)).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    await hall.bench.clock.advance(100);
    await first;
    expect(hall.sent('a')).toEqual(['first']);
    expect(hall.bench.clock.pending).toBe(0);
  });

  it('gives a slot back that came in the moment in which the caller hung up', async () => {
    const slots = new SlotGate({ a: 1 });
    const hall = new Hall([slots]);
    hall.bench.add('a', [slow(10)]);
    const caller = new AbortController();
    const first = hall.ask('first').then(() => undefined);
    const gone = hall.ask('gone', {}, caller.signal);
    await hall.bench.clock.advance(5);
    // Settling the first grants the second its slot, and the abort comes before the second can go on.
    const queue = hall.deps.queue;
    const notify = queue.notify.bind(queue);
    queue.notify = (): void => {
      notify();
      caller.abort();
    };
    await hall.bench.clock.advance(10);
    await first;
    expect(await errorOf(gone)).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    expect(slots.taken.get('a')).toBe(0);
    expect(slots.endings).toEqual(['a success', 'a not_sent']);
  });

  it('refuses who finds the queue full', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })], 1);
    hall.bench.add('a', [slow(10)]);
    const answers = [hall.ask('one'), hall.ask('two')];
    const refused = await errorOf(hall.ask('three'));
    expect(refused).toMatchObject({ code: 'OVERLOADED', retryAfterMs: expect.any(Number) as unknown });
    expect(trail(refused.attempts)).toEqual(['a at_capacity']);
    await hall.bench.clock.advance(100);
    await Promise.all(answers);
  });

  it('turns away at once who would have to wait longer than the request lasts', async () => {
    const hall = new Hall([new RefusingGate({ a: { reason: 'rate_limited', retryAfterMs: 45_000 } })]);
    hall.bench.add('a', [GOOD]);
    for (const more of [{ timeout: 10_000 }, {}]) {
      expect(await errorOf(hall.ask('Hi', more))).toMatchObject({
        code: 'RATE_LIMITED',
        retryAfterMs: 45_000,
        attempts: [{ providerId: 'a', skipped: 'rate_limited' }],
      });
    }
    expect(hall.bench.clock.pending).toBe(0);
  });

  it('says the same to one who was never asked for, being behind another', async () => {
    const hall = new Hall([new RefusingGate({ a: { reason: 'rate_limited', retryAfterMs: 45_000 } })]);
    hall.bench.add('a', [GOOD]);
    const caller = new AbortController();
    const patient = hall.ask('patient', { timeout: 60_000 }, caller.signal);
    await hall.bench.clock.advance(1_000);
    expect(await errorOf(hall.ask('impatient', { timeout: 10_000 }))).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 44_000,
      attempts: [{ providerId: 'a', skipped: 'rate_limited' }],
    });
    caller.abort();
    await errorOf(patient);
  });

  it('tells who waited in vain for a slot that all are busy', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })]);
    hall.bench.add('a', [slow(40_000)]);
    const first = hall.ask('first');
    const waits = errorOf(hall.ask('waits'));
    await hall.bench.clock.advance(30_000);
    expect(await waits).toMatchObject({
      code: 'RATE_LIMITED',
      attempts: [{ providerId: 'a', skipped: 'at_capacity' }],
    });
    await hall.bench.clock.advance(10_000);
    await first;
  });

  it('tells who ran out of time in the queue what it waited for', async () => {
    const hall = new Hall([new SlotGate({ a: 1 })]);
    hall.bench.add('a', [slow(5_000)]);
    const first = hall.ask('first');
    const waits = errorOf(hall.ask('waits', { timeout: 1_000 }));
    const behind = errorOf(hall.ask('behind', { timeout: 1_000 }));
    await hall.bench.clock.advance(1_000);
    for (const { code, attempts } of await Promise.all([waits, behind])) {
      expect([code, trail(attempts)]).toEqual(['DEADLINE_EXCEEDED', ['a at_capacity']]);
    }
    await hall.bench.clock.advance(5_000);
    await first;
  });

  it('stops waiting when a provider it waits for is taken away', async () => {
    const refusing = new RefusingGate({ a: { reason: 'rate_limited', retryAfterMs: 5_000 } });
    const hall = new Hall([refusing]);
    hall.bench.add('a', [GOOD]);
    const answer = errorOf(hall.ask('Hi'));
    await hall.bench.clock.advance(1_000);
    hall.bench.change('a', { isActive: false });
    await hall.bench.clock.advance(4_000);
    expect(await answer).toMatchObject({ code: 'NO_PROVIDER_AVAILABLE' });
    expect(refusing.asked).toEqual(['a', 'a']);
  });
});

describe('admission by what all replicas share', () => {
  it('goes on to the next candidate where another replica found the circuit open, and says why', async () => {
    const { hall, elsewhere } = shared({ a: [{ reason: 'circuit_open', retryAfterMs: 9_000 }] });
    const first = hall.bench.add('a', [GOOD]);
    hall.bench.add('b', [GOOD]);
    const answer = hall.ask('Hi');
    await hall.bench.clock.advance(20);
    expect(trail((await answer).attempts)).toEqual(['a circuit_open', 'b success']);
    expect(elsewhere.endings).toEqual(['a not_sent', 'b success']);
    expect(first.calls).toHaveLength(0);
  });

  it('waits as long as it says where nobody else is left, and is then asked again as the same try', async () => {
    const { hall, elsewhere } = shared({ a: [{ reason: 'rate_limited', retryAfterMs: 700 }] });
    hall.bench.add('a', [GOOD]);
    const answer = hall.ask('Hi');
    await hall.bench.clock.advance(704);
    expect(elsewhere.asked).toEqual(['a 1']);
    await hall.bench.clock.advance(10);
    await answer;
    expect(elsewhere.asked).toEqual(['a 1', 'a 1']);
    expect(hall.bench.clock.pending).toBe(0);
  });

  it('turns away at once who has less time than that', async () => {
    const { hall } = shared({ a: [{ reason: 'rate_limited', retryAfterMs: 45_000 }] });
    hall.bench.add('a', [GOOD]);
    const refused = errorOf(hall.ask('Hi', { timeout: 10_000 }));
    await hall.bench.clock.advance(5);
    expect(await refused).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 45_000 });
  });

  it('serves who was refused there before those who came later', async () => {
    const { hall } = shared({ a: [{ reason: 'at_capacity' }] }, new SlotGate({ a: 1 }));
    hall.bench.add('a', [slow(10)]);
    const answers = [hall.ask('first')];
    await hall.bench.clock.advance(1);
    answers.push(hall.ask('second'), hall.ask('third'));
    await hall.bench.clock.advance(200);
    await Promise.all(answers);
    expect(hall.sent('a')).toEqual(['first', 'second', 'third']);
  });

  it('gives back what was granted to a caller who hung up meanwhile, and never sends it', async () => {
    const { hall, elsewhere } = shared({});
    const vendor = hall.bench.add('a', [GOOD]);
    const caller = new AbortController();
    const gone = errorOf(hall.ask('gone', {}, caller.signal));
    await hall.bench.clock.advance(1);
    caller.abort();
    await hall.bench.clock.advance(10);
    expect(await gone).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    expect(elsewhere.endings).toEqual(['a not_sent']);
    expect(vendor.calls).toHaveLength(0);
  });

  it('asks again before each retry', async () => {
    const { hall, elsewhere } = shared({});
    hall.bench.add('a', [[fault('server_error')], GOOD]);
    const answer = hall.ask('Hi');
    await hall.bench.clock.advance(5_000);
    await answer;
    expect(elsewhere.asked).toEqual(['a 1', 'a 2']);
  });
});
