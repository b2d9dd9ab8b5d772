import { describe, expect, it } from '@jest/globals';
import { fault, finish, PipelineBench, text, type Step } from '../../../../../test/fakes/pipeline-bench.js';
import type { AIError } from '../../errors/ai.error.js';
import type { Attempt } from '../../interfaces/attempt.interface.js';
import type { CompletionRequest, CompletionResponse } from '../../interfaces/completion.interface.js';
import { ProviderStateGate } from '../../admission/provider-state.gate.js';
import { MemoryProviderStateStore } from '../../resilience/state/provider-state.memory.store.js';
import { CIRCUIT_BREAKER_DEFAULTS as BREAKER } from '../../services/circuit-breaker.service.js';
import { NOTHING_SHARED } from '../../../../../test/fakes/nothing-shared.js';
import type { AttemptGate, SharedGate } from '../../admission/admission.ports.js';
import { runCompletion } from '../complete.pipeline.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';

const GOOD: Step[] = [text('Hello'), finish()];
const bad = (...args: Parameters<typeof fault>): Step[] => [fault(...args)];

interface Running {
  caller: AbortController;
  answer: Promise<CompletionResponse>;
  /** The error it ends with. */
  failure: Promise<AIError>;
}

function run(
  bench: PipelineBench,
  request: Partial<CompletionRequest> = {},
  more: Partial<PipelineDependencies> = {},
): Running {
  const caller = new AbortController();
  const answer = runCompletion(bench.deps(more), { prompt: 'Hi', ...request } as CompletionRequest, {
    signal: caller.signal,
  });
  const failure = answer.then(
    () => Promise.reject(new Error('It was answered')),
    (error: AIError) => error,
  );
  failure.catch(() => undefined);
  return { caller, answer, failure };
}

const trail = (attempts: Attempt[] = []): string[] =>
  attempts.map(({ providerId, outcome, skipped }) => `${providerId} ${skipped ?? outcome}`);

describe('the failover from provider to provider', () => {
  it('backs off with jitter between tries on one provider, then goes on to the next', async () => {
    const bench = new PipelineBench();
    const first = bench.add('a', [bad('server_error')]);
    const next = bench.add('b', [GOOD]);
    const { answer } = run(bench);
    const startedAt = bench.clock.monotonic();
    await bench.clock.advance(10_000);
    expect(trail((await answer).attempts)).toEqual([
      'a server_error',
      'a server_error',
      'a server_error',
      'b success',
    ]);
    // Half of 1 s and half of 2 s, the jitter standing still at 0.5; no wait before the next provider.
    expect(first.calls.map(({ at }) => at - startedAt)).toEqual([0, 500, 1_500]);
    expect(next.calls.map(({ at }) => at - startedAt)).toEqual([1_500]);
  });

  it('comes back no sooner than a vendor asked for', async () => {
    const bench = new PipelineBench();
    const only = bench.add('a', [bad('rate_limited', { retryAfterMs: 7_000 }), GOOD]);
    const { answer } = run(bench);
    await bench.clock.advance(20_000);
    await answer;
    expect((only.calls[1]?.at ?? 0) - (only.calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(7_000);
  });

  it('does not begin a wait that the request’s time would not outlast', async () => {
    const bench = new PipelineBench();
    bench.add('a', [bad('rate_limited', { retryAfterMs: 7_000 }), GOOD]);
    const { failure } = run(bench, { timeout: 5_000 });
    await bench.clock.advance(0);
    expect(await failure).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7_000 });
    expect(bench.clock.pending).toBe(0);
  });

  it('ends its backoff at once when the caller hangs up, and leaves no timer', async () => {
    const bench = new PipelineBench();
    const only = bench.add('a', [bad('connection')]);
    const { caller, failure } = run(bench, { timeout: 60_000 });
    await bench.clock.advance(100);
    caller.abort();
    expect(await failure).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    expect(only.calls).toHaveLength(1);
    expect(bench.clock.pending).toBe(0);
    expect(bench.events).toMatchObject([{ code: 'CLIENT_CLOSED_REQUEST' }]);
  });

  it('takes silence to another candidate, and asks the last one again', async () => {
    const bench = new PipelineBench();
    const first = bench.add('a', [['silence']], { timeout: 1_000 });
    const last = bench.add('b', [['silence'], GOOD], { timeout: 1_000 });
    const { answer } = run(bench);
    await bench.clock.advance(5_000);
    expect(trail((await answer).attempts)).toEqual(['a timeout', 'b timeout', 'b success']);
    expect([first.calls.length, last.calls.length, first.open, last.open]).toEqual([1, 2, 0, 0]);
    expect(first.calls[0]?.signal.aborted).toBe(true);
  });

  it('shares what the request’s time leaves between the tries after silence', async () => {
    const bench = new PipelineBench();
    const only = bench.add('a', [['silence']], { timeout: 60_000, retryDelay: 0 });
    const { failure } = run(bench, { timeout: 90_000 });
    const startedAt = bench.clock.monotonic();
    await bench.clock.advance(90_000);
    expect(await failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(only.calls.map(({ at }) => at - startedAt)).toEqual([0, 60_000, 75_000]);
  });

  it('gives further tries on a silent provider no more than one more timeout together', async () => {
    const bench = new PipelineBench();
    const only = bench.add('a', [['silence']], { timeout: 60_000, retryDelay: 0 });
    const { failure } = run(bench);
    const startedAt = bench.clock.monotonic();
    await bench.clock.advance(120_000);
    expect(await failure).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
    expect(only.calls.map(({ at }) => at - startedAt)).toEqual([0, 60_000, 90_000]);
  });

  describe('that a bound forbids to come back', () => {
    const breaking = (bench: PipelineBench, failureThreshold: number): ProviderStateGate =>
      new ProviderStateGate(new MemoryProviderStateStore({ ...BREAKER, failureThreshold }, bench.clock));

    it.each([1, 2])(
      'goes on at once after the try that opened the circuit (failure %d)',
      async (threshold) => {
        const bench = new PipelineBench();
        const first = bench.add('a', [bad('server_error')]);
        const next = bench.add('b', [GOOD]);
        const { answer } = run(bench, {}, { gates: [breaking(bench, threshold)] });
        await bench.clock.advance(10_000);
        expect((await answer).providerId).toBe('b');
        expect(first.calls).toHaveLength(threshold);
        expect(next.calls[0]?.at).toBe(first.calls.at(-1)?.at);
      },
    );

    it('goes on at once where others have opened it, whom it has to be asked for', async () => {
      const bench = new PipelineBench();
      const first = bench.add('a', [bad('server_error')]);
      const next = bench.add('b', [GOOD]);
      let isOpen = false;
      const shared: SharedGate = {
        ...NOTHING_SHARED,
        peek: ({ id }) => (isOpen && id === 'a' ? { reason: 'circuit_open', retryAfterMs: 60_000 } : null),
        admit: (scope) => {
          scope.onSettled(() => {
            scope.replicasInformed = Promise.resolve().then(() => void (isOpen = true));
          });
          return null;
        },
      };
      const { answer } = run(bench, {}, { shared, gates: [shared] });
      await bench.clock.advance(10_000);
      await answer;
      expect([first.calls.length, next.calls[0]?.at]).toEqual([1, first.calls[0]?.at]);
    });

    it('fails at once where nobody else is left', async () => {
      const bench = new PipelineBench();
      bench.add('a', [bad('server_error')]);
      const { failure } = run(bench, {}, { gates: [breaking(bench, 1)] });
      await bench.clock.advance(0);
      expect(await failure).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
    });
  });

  it('gives its slot back whatever throws once the answer is there', async () => {
    const bench = new PipelineBench();
    bench.add('a', [[text('Hello'), finish({ usage: {} })]], { maxConcurrency: 1 });
    const store = new MemoryProviderStateStore(BREAKER, bench.clock);
    const mistake = (): never => {
      throw new TypeError('a mistake of ours');
    };
    const tokens = { count: mistake, estimate: mistake };
    const { failure } = run(bench, {}, { gates: [new ProviderStateGate(store)], tokens });
    expect(await failure).toBeInstanceOf(TypeError);
    expect(store.inFlight('a')).toBe(0);
  });

  it('gives its slot back though another who hears of the end throws', async () => {
    const bench = new PipelineBench();
    bench.add('a', [GOOD], { maxConcurrency: 1 });
    const store = new MemoryProviderStateStore(BREAKER, bench.clock);
    const thrower: AttemptGate = {
      peek: () => null,
      enter: (scope) => {
        scope.onSettled(() => {
          throw new TypeError('a mistake of ours');
        });
        return null;
      },
    };
    const { failure } = run(bench, {}, { gates: [thrower, new ProviderStateGate(store)] });
    expect(await failure).toBeInstanceOf(TypeError);
    expect(store.inFlight('a')).toBe(0);
  });

  it('reads who is eligible afresh before each try', async () => {
    const bench = new PipelineBench();
    const first = bench.add('a', [bad('server_error')]);
    const second = bench.add('b', [GOOD]);
    bench.add('c', [GOOD]);
    const { answer } = run(bench);
    await bench.clock.advance(100);
    bench.change('a', { isActive: false });
    bench.change('b', { isActive: false });
    await bench.clock.advance(10_000);
    expect(trail((await answer).attempts)).toEqual(['a server_error', 'c success']);
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
  });

  it('tries again with the provider as it is configured by then', async () => {
    const bench = new PipelineBench();
    const only = bench.add('a', [bad('server_error'), GOOD]);
    const { answer } = run(bench);
    await bench.clock.advance(100);
    bench.change('a', { maxTokens: 7 });
    await bench.clock.advance(10_000);
    await answer;
    expect(only.calls.map(({ call }) => call.maxTokens)).toEqual([100, 7]);
  });

  it('never asks for more than the retryAttempts of each provider', async () => {
    const bench = new PipelineBench();
    const counts = [0, 1, 2, 5];
    const adapters = counts.map((retryAttempts, index) =>
      bench.add(`p${index}`, [bad('server_error')], { retryAttempts }),
    );
    const { failure } = run(bench);
    await bench.clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
    expect(adapters.map(({ calls }) => calls.length)).toEqual([1, 1, 2, 5]);
  });

  it('looks for a larger window than the largest that was too small', async () => {
    const bench = new PipelineBench();
    bench.add('big', [bad('context_length')], { contextWindow: 8_000 });
    const small = bench.add('small', [GOOD], { contextWindow: 4_000 });
    bench.add('unknown', [bad('context_length')], { contextWindow: null });
    bench.add('bigger', [GOOD], { contextWindow: 9_000 });
    const { answer } = run(bench);
    await bench.clock.advance(0);
    expect(trail((await answer).attempts)).toEqual([
      'big context_length',
      'unknown context_length',
      'bigger success',
      'small lacks_feature',
    ]);
    expect(small.calls).toHaveLength(0);
  });

  it('gives the vendor’s reason to the caller where another would only repeat it', async () => {
    for (const kind of ['invalid_request', 'content_filter'] as const) {
      const bench = new PipelineBench();
      bench.add('a', [bad(kind)]);
      const other = bench.add('b', [GOOD]);
      const { failure } = run(bench);
      await bench.clock.advance(0);
      expect(await failure).toMatchObject({
        code: 'UPSTREAM_REJECTED_REQUEST',
        message: `failed by ${kind}`,
      });
      expect(other.calls).toHaveLength(0);
    }
  });

  it('counts what failed tries reported, and tells one event of them all', async () => {
    const bench = new PipelineBench();
    bench.add('a', [
      bad('server_error', { usage: { promptTokens: 5, completionTokens: 2 } }),
      bad('timeout'),
    ]);
    bench.add('b', [GOOD]);
    const { answer } = run(bench);
    await bench.clock.advance(10_000);
    await answer;
    expect(bench.events).toHaveLength(1);
    expect(bench.events[0]?.attempts).toMatchObject([
      {
        providerId: 'a',
        tryNumber: 1,
        outcome: 'server_error',
        usage: { totalTokens: 7, source: 'reported' },
      },
      { providerId: 'a', tryNumber: 2, outcome: 'timeout', usage: { totalTokens: null, source: 'unknown' } },
      { providerId: 'b', tryNumber: 1, outcome: 'success', usage: { totalTokens: 7 } },
    ]);
  });

  it('goes on to the next after a mistake of ours, which counts for no circuit and gives the slot back', async () => {
    const bench = new PipelineBench();
    const mistake = new TypeError('a mistake of ours');
    bench.add('a', [], { maxConcurrency: 1 });
    const next = bench.add('b', [GOOD]);
    const store = new MemoryProviderStateStore({ ...BREAKER, failureThreshold: 1 }, bench.clock);
    const adapters = {
      adapterFor: ({ id }: { id: string }) => {
        if (id === 'a') throw mistake;
        return next;
      },
    };
    for (let time = 1; time <= 3; time++) {
      const { answer } = run(bench, {}, { gates: [new ProviderStateGate(store)], adapters });
      expect(trail((await answer).attempts)).toEqual(['a internal', 'b success']);
    }
    expect(bench.failedInside).toEqual([mistake, mistake, mistake]);
    expect(store.inFlight('a')).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  it('ends by a failure of its own where its own code failed and nobody is left', async () => {
    const bench = new PipelineBench();
    const adapters = {
      adapterFor: (): never => {
        throw new TypeError('a mistake of ours');
      },
    };
    bench.add('a', []);
    const error = await run(bench, {}, { adapters }).failure;
    expect(error).toMatchObject({ code: 'INTERNAL', statusCode: 500 });
    expect(JSON.stringify(error.attempts) + error.message).not.toContain('mistake');
    expect(bench.events).toMatchObject([{ code: 'INTERNAL' }]);
    expect(bench.failedInside).toHaveLength(1);
  });

  it('does not count against a provider that it lacks the model which a caller names', async () => {
    const bench = new PipelineBench();
    bench.add('a', [bad('model_not_found')], { model: 'own' });
    const store = new MemoryProviderStateStore({ ...BREAKER, failureThreshold: 1 }, bench.clock);
    const gates = { gates: [new ProviderStateGate(store)] };
    await run(bench, { providerId: 'a', model: 'foreign' }, gates).failure;
    expect(store.circuit('a').state).toBe('CLOSED');
    await run(bench, { providerId: 'a' }, gates).failure;
    expect(store.circuit('a').state).toBe('OPEN');
  });

  it('asks the next one after a limit of the account, without another try, a cooldown or a count', async () => {
    const bench = new PipelineBench();
    const first = bench.add('a', [bad('account_limit', { retryAfterMs: 60_000 })]);
    bench.add('b', [GOOD]);
    const store = new MemoryProviderStateStore({ ...BREAKER, failureThreshold: 1 }, bench.clock);
    for (let time = 1; time <= 2; time++) {
      const { answer } = run(bench, {}, { gates: [new ProviderStateGate(store)] });
      expect(trail((await answer).attempts)).toEqual(['a account_limit', 'b success']);
    }
    expect(first.calls).toHaveLength(2);
  });

  it('lists nobody that lacks the model which was named', async () => {
    const bench = new PipelineBench();
    bench.add('a', [bad('invalid_request')], { model: 'named' });
    bench.add('b', [GOOD], { model: 'other' });
    const { attempts } = await run(bench, { model: 'named' }).failure;
    expect(trail(attempts)).toEqual(['a invalid_request']);
  });

  it('refuses a pinned provider that is not there or not active, before anything else', async () => {
    const bench = new PipelineBench();
    bench.add('off', [GOOD], { isActive: false });
    expect(await run(bench, { providerId: 'nobody' }).failure).toMatchObject({ code: 'PROVIDER_NOT_FOUND' });
    expect(await run(bench, { providerId: 'off' }).failure).toMatchObject({ code: 'PROVIDER_INACTIVE' });
    expect(bench.events).toEqual([]);
  });
});
