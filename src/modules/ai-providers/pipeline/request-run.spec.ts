import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fault, finish, PipelineBench, text, type Step } from '../../../../test/fakes/pipeline-bench.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import { RequestsInFlight } from '../admission/requests-in-flight.js';
import { runCompletion } from './complete.pipeline.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import { runStream } from './stream/caller-stream.js';

const REQUEST = { prompt: 'Hi' } as CompletionRequest;
const ANSWER: Step[] = [text('One'), finish()];
const REFUSAL: Step[] = [fault('invalid_request')];

type Request = (bench: PipelineBench, deps: PipelineDependencies) => Promise<unknown>;

const whole: Request = (_bench, deps) => runCompletion(deps, REQUEST, {});
const streamed: Request = async (bench, deps) => {
  const groups = runStream(deps, REQUEST, {}, new RequestsInFlight(bench.clock));
  let last: unknown;
  for await (const group of groups) last = group.at(-1);
  return last;
};

describe('a request during which the time is set', () => {
  it.each([-3_600_000, 3_600_000])('takes as long as it takes (%d ms)', async (stepMs) => {
    const bench = new PipelineBench();
    bench.add('a', [[{ waitMs: 300 }, ...ANSWER]], { timeout: 1_000 });
    const startedAt = bench.clock.wallTime();
    const answered = runCompletion(bench.deps(), { ...REQUEST, timeout: 2_000 }, {});
    await bench.clock.advance(100);
    bench.clock.setWallTime(stepMs);
    await bench.clock.advance(200);
    expect(await answered).toMatchObject({ latency: 300, attempts: [{ outcome: 'success', latency: 300 }] });
    expect(bench.events).toMatchObject([{ latency: 300, startedAt, endedAt: startedAt + 300 }]);
  });
});

describe('what a caller gets', () => {
  it.each([
    { what: 'an answer', ask: whole, script: ANSWER, code: null },
    { what: 'an error', ask: whole, script: REFUSAL, code: 'UPSTREAM_REJECTED_REQUEST' },
    { what: 'the end of a stream', ask: streamed, script: ANSWER, code: null },
    { what: 'the error of a stream', ask: streamed, script: REFUSAL, code: 'UPSTREAM_REJECTED_REQUEST' },
  ])('waits until the request is kept: $what', async ({ ask, script, code }) => {
    const bench = new PipelineBench();
    bench.add('a', [script]);
    const ends: (AIErrorCode | null)[] = [];
    let keep = (): void => undefined;
    const kept = new Promise<void>((resolve) => (keep = resolve));
    const observer: PipelineDependencies['observer'] = {
      requestEnded: (event) => {
        ends.push(event.code);
        return kept;
      },
    };
    let isThere = false;
    const outcome = ask(bench, bench.deps({ observer }))
      .then(
        () => null,
        (error: { code: unknown }) => error.code,
      )
      .finally(() => (isThere = true));
    while (ends.length === 0) await nextTurn();
    await nextTurn();
    expect(isThere).toBe(false);
    keep();
    expect(await outcome).toBe(code);
    expect(ends).toEqual([code]);
  });
});
