import { describe, expect, it } from '@jest/globals';
import { fault, finish, PipelineBench, text, type Step } from '../../../../test/fakes/pipeline-bench.js';
import type { AIError } from '../errors/ai.error.js';
import type { Attempt } from '../interfaces/attempt.interface.js';
import type { CompletionRequest, CompletionResponse } from '../interfaces/completion.interface.js';
import { runCompletion } from './complete.pipeline.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';

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

describe('the walk from provider to provider', () => {
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

  it('lets what is no fault of a vendor through as it is, once reported', async () => {
    const bench = new PipelineBench();
    bench.add('a', [GOOD]);
    const { failure } = run(
      bench,
      {},
      {
        adapters: {
          adapterFor: () => {
            throw new TypeError('a mistake of ours');
          },
        },
      },
    );
    expect(await failure).toBeInstanceOf(TypeError);
    expect(bench.events).toMatchObject([{ code: 'INTERNAL' }]);
    expect(bench.clock.pending).toBe(0);
  });

  it('refuses a pinned provider that is not there or not active, before anything else', async () => {
    const bench = new PipelineBench();
    bench.add('off', [GOOD], { isActive: false });
    expect(await run(bench, { providerId: 'nobody' }).failure).toMatchObject({ code: 'PROVIDER_NOT_FOUND' });
    expect(await run(bench, { providerId: 'off' }).failure).toMatchObject({ code: 'PROVIDER_INACTIVE' });
    expect(bench.events).toEqual([]);
  });
});
