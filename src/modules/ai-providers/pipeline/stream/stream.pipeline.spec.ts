import { describe, expect, it } from '@jest/globals';
import { fault, finish, PipelineBench, text, type Step } from '../../../../../test/fakes/pipeline-bench.js';
import { AIError } from '../../errors/ai.error.js';
import type {
  CompletionChunk,
  CompletionEnd,
  CompletionRequest,
} from '../../interfaces/completion.interface.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import { RequestsInFlight } from '../../admission/requests-in-flight.js';
import { planRoute } from '../../routing/plan-route.js';
import type { ChunkStream } from '../../interfaces/chunk-stream.interface.js';
import { runStream } from './caller-stream.js';
import { HeldTextLimit } from './held-text.limit.js';

const TOOL: Step = { type: 'tool_call', delta: { index: 0, id: 'c', name: 'look', arguments: '{}' } };
const WHOLE: Step[] = [text('One two '), text('three '), text('four'), finish()];
const CUT: Step[] = [text('One two '), text('thr'), fault('truncated')];

interface Reading {
  content: string;
  end: CompletionEnd | undefined;
  error: AIError | undefined;
}

interface Stream {
  caller: AbortController;
  chunks: ChunkStream;
  /** Reads to the end, the clock moving on as long as something waits. */
  read: () => Promise<Reading>;
}

function open(
  bench: PipelineBench,
  request: Partial<CompletionRequest> = {},
  more: Partial<PipelineDependencies> = {},
): Stream {
  const caller = new AbortController();
  const asked = { prompt: 'Hi', ...request } as CompletionRequest;
  const chunks = runStream(
    bench.deps(more),
    asked,
    { signal: caller.signal },
    new RequestsInFlight(bench.clock),
  );
  return { caller, chunks, read: () => readWhole(bench, chunks) };
}

async function readWhole(bench: PipelineBench, chunks: Stream['chunks']): Promise<Reading> {
  const reading: Reading = { content: '', end: undefined, error: undefined };
  const read = async (): Promise<void> => {
    for await (const group of chunks) {
      for (const chunk of group) {
        reading.content += chunk.content;
        if (chunk.done) reading.end = chunk;
      }
    }
  };
  const over = read().catch((error: AIError) => {
    reading.error = error;
  });
  let isOver = false;
  void over.then(() => (isOver = true));
  while (!isOver) await bench.clock.advance(1_000);
  return reading;
}

const outcomes = (reading: Reading): unknown[] =>
  (reading.end?.attempts ?? reading.error?.attempts ?? []).map(
    ({ providerId, outcome }) => `${providerId} ${outcome}`,
  );

describe('a streamed answer', () => {
  it('is held back until it bears content, so that what fails before is a failed try', async () => {
    const bench = new PipelineBench();
    bench.add('a', [[{ type: 'start' }, { type: 'alive' }, fault('server_error')]], { retryAttempts: 1 });
    bench.add('b', [[{ type: 'start', model: 'vendor-b' }, ...WHOLE]]);
    const { chunks } = open(bench);
    expect(await chunks.next()).toEqual({
      done: false,
      value: [{ id: 'id-1', content: 'One two ', done: false, model: 'vendor-b' }],
    });
    await chunks.return();
  });

  it('ends with the account of whoever answered', async () => {
    const bench = new PipelineBench();
    bench.add('a', [[{ type: 'start', model: 'vendor-a' }, ...WHOLE]], {
      pricing: { inputTokenCost: 1, outputTokenCost: 2, currency: 'USD' },
    });
    const reading = await open(bench).read();
    expect(reading.content).toBe('One two three four');
    expect(reading.end).toMatchObject({
      done: true,
      content: '',
      model: 'vendor-a',
      providerId: 'a',
      usage: { promptTokens: 3, completionTokens: 4, source: 'reported' },
      cost: { total: 0.011 },
    });
    expect(reading.end?.recovered).toBeUndefined();
    expect(bench.clock.pending).toBe(0);
  });

  it('is whole where it ends without content but with a finish', async () => {
    const bench = new PipelineBench();
    bench.add('a', [[finish({ finishReason: 'content_filter' })]]);
    expect(await open(bench).read()).toMatchObject({ content: '', end: { finishReason: 'content_filter' } });
  });

  describe('that is cut', () => {
    it('asks nobody before his own backoff is over, whatever the order of the candidates', async () => {
      for (const seed of [0, 1]) {
        const bench = new PipelineBench();
        // Each diverges or breaks, so that both come to the end of the line; the order turns at every look.
        const retryDelays = { a: 4_000, b: 20 };
        const adapters = (['a', 'b'] as const).map((id) =>
          bench.add(id, [CUT, [text('One two '), fault('truncated')]], {
            retryDelay: retryDelays[id],
            retryAttempts: 3,
          }),
        );
        let looks = seed;
        const route: PipelineDependencies['route'] = (request, knowledge) =>
          planRoute(
            bench.providers,
            request,
            (providers) => ((looks += 1) % 2 === 0 ? [...providers] : [...providers].reverse()),
            knowledge,
          );
        await open(bench, {}, { route, random: () => 1 }).read();
        for (const [index, id] of (['a', 'b'] as const).entries()) {
          const times = adapters[index]?.calls.map(({ at }) => at) ?? [];
          times.slice(1).forEach((at, place) => {
            expect(at - (times[place] ?? 0)).toBeGreaterThanOrEqual(retryDelays[id]);
          });
        }
      }
    });

    it('goes on from another provider whose answer agrees, by the character', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      bench.add('b', [[text('One'), text(' two three four'), finish()]]);
      const reading = await open(bench).read();
      expect(reading).toMatchObject({
        content: 'One two three four',
        end: { recovered: true, providerId: 'b' },
      });
      expect(outcomes(reading)).toEqual(['a truncated', 'b success']);
    });

    it.each([
      ['says something else', [text('One two four'), finish()]],
      ['is shorter', [text('One'), finish()]],
      ['calls a tool', [TOOL, finish()]],
    ])('ends with an error where the other answer %s', async (_, other) => {
      const bench = new PipelineBench();
      bench.add('a', [CUT], { retryAttempts: 1 });
      const second = bench.add('b', [other]);
      const reading = await open(bench).read();
      expect(reading).toMatchObject({
        content: 'One two thr',
        end: undefined,
        error: { code: 'ALL_PROVIDERS_FAILED' },
      });
      expect(outcomes(reading)).toEqual(['a truncated', 'b diverged']);
      expect(second.open).toBe(0);
    });

    it('asks the same provider again, after its backoff, when no other is left', async () => {
      const bench = new PipelineBench();
      const only = bench.add('a', [CUT, CUT, WHOLE]);
      const reading = await open(bench).read();
      expect(reading).toMatchObject({ content: 'One two three four', end: { recovered: true } });
      expect(only.calls).toHaveLength(3);
      expect((only.calls[1]?.at ?? 0) - (only.calls[0]?.at ?? 0)).toBe(500);
    });

    it('does not say reasoning twice', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      bench.add('b', [[{ type: 'reasoning', text: 'hm' }, ...WHOLE]]);
      const groups: CompletionChunk[] = [];
      for await (const group of open(bench).chunks) groups.push(...group);
      expect(groups.some((chunk) => 'reasoning' in chunk)).toBe(false);
    });

    it.each<[string, Step]>([
      ['a tool call', TOOL],
      ['reasoning', { type: 'reasoning', text: 'hm' }],
    ])('is not gone on with after %s', async (_, part) => {
      const bench = new PipelineBench();
      bench.add('a', [[part, fault('truncated')]]);
      const other = bench.add('b', [WHOLE]);
      expect(await open(bench).read()).toMatchObject({
        end: undefined,
        error: { code: 'ALL_PROVIDERS_FAILED' },
      });
      expect(other.calls).toHaveLength(0);
    });

    it('is not gone on with where recovery is off', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      const other = bench.add('b', [WHOLE]);
      const reading = await open(bench, {}, { streamRecovery: 'off' }).read();
      expect(reading).toMatchObject({ content: 'One two thr', error: { code: 'ALL_PROVIDERS_FAILED' } });
      expect(other.calls).toHaveLength(0);
    });

    it('is not gone on with where it is too long to be held for that, and is counted all the same', async () => {
      const bench = new PipelineBench();
      const long = text('x'.repeat(600_000));
      bench.add('a', [[long, long, fault('truncated')]]);
      const other = bench.add('b', [[long, long, ...WHOLE]]);
      const reading = await open(bench).read();
      expect(reading.error).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
      expect(reading.content).toHaveLength(1_200_000);
      expect(other.calls).toHaveLength(0);
      expect(bench.events[0]?.attempts[0]?.usage.completionTokens).toBe(1_200_000);
    });

    it('counts what the cut try used', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[{ type: 'usage', usage: { promptTokens: 9 } }, ...CUT]]);
      bench.add('b', [WHOLE]);
      await open(bench).read();
      expect(bench.events[0]).toMatchObject({
        recovered: true,
        attempts: [{ usage: { promptTokens: 9, completionTokens: 11, source: 'estimated' } }, {}],
      });
    });
  });

  describe('that is cut, with prefill', () => {
    const prefill = { streamRecovery: 'prefill' } as const;

    it('is continued from the partial text by a provider that can', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      const second = bench.add('b', [[text('ee four'), finish()]], { supportsPrefill: true });
      const reading = await open(bench, {}, prefill).read();
      expect(reading).toMatchObject({ content: 'One two three four', end: { recovered: true } });
      expect(second.calls[0]?.call.messages).toEqual([
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'One two thr' },
      ]);
    });

    it('is started over at the same provider where that refuses to continue', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      const second = bench.add('b', [[fault('invalid_request')], WHOLE], { supportsPrefill: true });
      const reading = await open(bench, {}, prefill).read();
      expect(reading).toMatchObject({
        content: 'One two three four',
        end: { recovered: true, providerId: 'b' },
      });
      expect(second.calls.map(({ call }) => call.messages.length)).toEqual([2, 1]);
      expect(outcomes(reading)).toEqual(['a truncated', 'b success']);
    });

    it('is never continued by a provider that is not said to be able to', async () => {
      const bench = new PipelineBench();
      bench.add('a', [CUT]);
      const second = bench.add('b', [WHOLE]);
      await open(bench, {}, prefill).read();
      expect(second.calls.map(({ call }) => call.messages.length)).toEqual([1]);
    });
  });

  it('gives back what room it held for its text, however it ends', async () => {
    const long = text('x'.repeat(60_000));
    for (const last of [finish(), fault('truncated')]) {
      const bench = new PipelineBench();
      const taken: number[] = [];
      bench.heldText = new HeldTextLimit(200_000);
      bench.add('a', [[long, long, long, last]], { retryAttempts: 1 });
      const { chunks } = open(bench, {}, { streamRecovery: 'off' });
      const reading = readWhole(bench, chunks);
      await reading;
      while (bench.heldText.take(1_000)) taken.push(1_000);
      expect(taken).toHaveLength(200);
    }
  });

  it('goes on where there is no room for its text, and is not recovered then', async () => {
    const long = text('x'.repeat(60_000));
    const bench = new PipelineBench();
    bench.heldText = new HeldTextLimit(0);
    bench.add(
      'a',
      [
        [long, long, finish()],
        [long, long, fault('truncated')],
      ],
      { retryAttempts: 1 },
    );
    const whole = await open(bench).read();
    expect([whole.content.length, whole.error]).toEqual([120_000, undefined]);
    expect((await open(bench).read()).error?.attempts).toMatchObject([{ outcome: 'truncated' }]);
  });

  describe('under its deadlines', () => {
    it('goes to the next provider when the first content is late, keep-alives or not', async () => {
      const bench = new PipelineBench();
      const first = bench.add('a', [[{ type: 'alive' }, { waitMs: 8_000 }, { type: 'alive' }, 'silence']]);
      bench.add('b', [WHOLE]);
      const startedAt = bench.clock.monotonic();
      const reading = await open(bench).read();
      expect(reading.end?.attempts).toMatchObject([
        { outcome: 'timeout', phase: 'first_token', latency: 12_000 },
        {},
      ]);
      expect((bench.adapters.get('b')?.calls[0]?.at ?? 0) - startedAt).toBe(12_000);
      expect(first.calls[0]?.signal.aborted).toBe(true);
    });

    it('waits 5 min for the first content of a model that thinks, then goes to the next provider', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[{ waitMs: 299_000 }, ...WHOLE], ['silence']], { model: 'o3', timeout: 600_000 });
      bench.add('b', [WHOLE]);
      expect((await open(bench).read()).end).toMatchObject({ providerId: 'a', latency: 299_000 });
      expect(bench.adapters.get('b')?.calls).toEqual([]);
      const late = await open(bench).read();
      expect(late.end?.attempts).toMatchObject([{ phase: 'first_token', latency: 300_000 }, {}]);
    });

    it.each<[string, Partial<AIProviderConfig>, Partial<CompletionRequest>, number]>([
      ['thinking was asked for', {}, { reasoning: { effort: 'high' } }, 300_000],
      ['a budget was given for it', {}, { reasoning: { maxTokens: 4_000 } }, 300_000],
      [
        'the operator has said how long',
        { firstTokenTimeout: 20_000 },
        { reasoning: { effort: 'high' } },
        20_000,
      ],
      ['it shall not think', { model: 'gpt-5' }, { reasoning: { effort: 'minimal' } }, 12_000],
      ['nobody asked it to think', { model: 'claude-sonnet-4-5' }, {}, 12_000],
    ])('bears with silence before the first content where %s', async (_, settings, asked, latency) => {
      const bench = new PipelineBench();
      bench.add('a', [['silence']], { timeout: 600_000, ...settings });
      bench.add('b', [WHOLE]);
      expect((await open(bench, asked).read()).end?.attempts).toMatchObject([
        { phase: 'first_token', latency },
        {},
      ]);
    });

    it('bears with silence between the thoughts of a model that thinks, and with no other', async () => {
      const thinks: Step[] = [{ type: 'alive' }, { waitMs: 200_000 }, ...WHOLE];
      for (const model of ['gpt-5', 'gpt-4o']) {
        const bench = new PipelineBench();
        bench.add('a', [thinks], { model, timeout: 600_000, retryAttempts: 1 });
        const { end, error } = await open(bench).read();
        if (model === 'gpt-5') expect(end).toMatchObject({ latency: 200_000 });
        else expect(error?.attempts).toMatchObject([{ phase: 'idle', latency: 15_000 }]);
      }
    });

    it('waits longer for the first content where nobody else is left', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[{ waitMs: 30_000 }, ...WHOLE]]);
      expect(await open(bench).read()).toMatchObject({
        content: 'One two three four',
        end: { latency: 30_000 },
      });
    });

    it('recovers from silence in the middle', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[text('One two '), 'silence']]);
      bench.add('b', [WHOLE]);
      const reading = await open(bench).read();
      expect(reading.end?.attempts).toMatchObject([
        { outcome: 'timeout', phase: 'idle', latency: 15_000 },
        {},
      ]);
      expect(reading.content).toBe('One two three four');
    });

    it('does not hold the caller’s slowness against the provider', async () => {
      const bench = new PipelineBench();
      bench.add('a', [WHOLE], { retryAttempts: 1 });
      const { chunks } = open(bench, {}, { readerTimeoutMs: 200_000 });
      let content = '';
      for await (const group of chunks) {
        for (const chunk of group) content += chunk.content;
        await bench.clock.advance(100_000);
      }
      expect(content).toBe('One two three four');
    });

    const ALIVE: Step[] = [{ waitMs: 10_000 }, { type: 'sign_of_life' }];
    const alive = (times: number): Step[] => Array.from({ length: times }, () => ALIVE).flat();

    it('bears with a vendor that gives signs of life, other candidates or not', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[...alive(9), ...WHOLE]], { timeout: 600_000 });
      const other = bench.add('b', [WHOLE]);
      expect(outcomes(await open(bench).read())).toEqual(['a success']);
      expect(other.calls).toHaveLength(0);
    });

    it('bears with it for five minutes at a time without content, and for no longer', async () => {
      const bench = new PipelineBench();
      bench.add('a', [[...alive(25), text('One '), ...alive(100)]], { timeout: 600_000 });
      bench.add('b', [[text('One two'), finish()]]);
      const reading = await open(bench).read();
      expect(reading).toMatchObject({ content: 'One two', end: { recovered: true } });
      expect(reading.end?.attempts).toMatchObject([
        { outcome: 'timeout', phase: 'idle', latency: 250_000 + 10_000 + 300_000 },
        { outcome: 'success' },
      ]);
    });

    it('takes a provider’s timeout for the time without content', async () => {
      const bench = new PipelineBench();
      const slow = Array.from({ length: 5 }, (): Step[] => [{ waitMs: 900 }, text('.')]).flat();
      bench.add('a', [[...slow, finish()]], { timeout: 1_000 });
      expect(await open(bench).read()).toMatchObject({ content: '.....', end: { done: true } });
    });

    it('ends by itself when its reader takes nothing any more, and gives everything back', async () => {
      const bench = new PipelineBench();
      const only = bench.add('a', [WHOLE]);
      const inFlight = new RequestsInFlight(bench.clock);
      const asked = { prompt: 'Hi' } as CompletionRequest;
      const abandoned = runStream(bench.deps({ readerTimeoutMs: 5_000 }), asked, {}, inFlight);
      await abandoned.next();
      await bench.clock.advance(4_999);
      expect([inFlight.size, only.open]).toEqual([1, 1]);
      await bench.clock.advance(1);
      expect([inFlight.size, only.open, bench.clock.pending]).toEqual([0, 0, 0]);
      expect(bench.events).toMatchObject([
        { code: 'CLIENT_CLOSED_REQUEST', attempts: [{ outcome: 'aborted' }] },
      ]);
      await expect(abandoned.next()).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
      expect(await abandoned.next()).toEqual({ done: true, value: undefined });
    });

    it('ends with the service though nobody reads', async () => {
      const bench = new PipelineBench();
      const only = bench.add('a', [WHOLE]);
      const inFlight = new RequestsInFlight(bench.clock);
      const abandoned = runStream(bench.deps(), { prompt: 'Hi' }, {}, inFlight);
      await abandoned.next();
      const drained = inFlight.drain(1_000, new AIError('SHUTTING_DOWN', 'The service is shutting down'));
      await bench.clock.advance(1_000);
      expect(await drained).toBe(1);
      expect([only.open, bench.events.map(({ code }) => code), bench.clock.pending]).toEqual([
        0,
        ['SHUTTING_DOWN'],
        0,
      ]);
      await expect(abandoned.next()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    });

    it('ends with the request’s own timeout, stopping the upstream call', async () => {
      const bench = new PipelineBench();
      const only = bench.add('a', [[text('One '), 'silence']]);
      const reading = await open(bench, { timeout: 3_000 }).read();
      expect(reading).toMatchObject({ content: 'One ', error: { code: 'DEADLINE_EXCEEDED' } });
      expect(outcomes(reading)).toEqual(['a aborted']);
      expect(only.calls[0]?.signal.aborted).toBe(true);
      expect([only.open, bench.clock.pending]).toEqual([0, 0]);
    });
  });

  const settled: string[] = [];
  const gates: PipelineDependencies['gates'] = [
    {
      peek: () => null,
      enter: (scope) => {
        scope.onSettled(({ outcome }) => settled.push(outcome));
        return null;
      },
    },
  ];

  describe('whose caller stops reading without leaving', () => {
    it('gives back what it took when its time is over, and tells him when he comes back', async () => {
      settled.length = 0;
      const bench = new PipelineBench();
      const only = bench.add('a', [WHOLE]);
      const stream = open(bench, { timeout: 3_000 }, { gates });
      await stream.chunks.next();
      await bench.clock.advance(3_000);
      expect([only.open, settled]).toEqual([0, ['failure']]);
      const reading = await stream.read();
      expect(reading.error?.code).toBe('DEADLINE_EXCEEDED');
      expect(outcomes(reading)).toEqual(['a aborted']);
      expect(bench.events).toMatchObject([{ code: 'DEADLINE_EXCEEDED', attempts: [{ outcome: 'aborted' }] }]);
    });

    it('is reported with what ended it where he never comes back', async () => {
      const bench = new PipelineBench();
      bench.add('a', [WHOLE]);
      const { chunks } = open(bench, { timeout: 3_000 });
      await chunks.next();
      await bench.clock.advance(3_000);
      await chunks.return();
      expect(bench.events).toMatchObject([{ code: 'DEADLINE_EXCEEDED', attempts: [{ outcome: 'aborted' }] }]);
    });
  });

  describe('whose caller leaves', () => {
    it.each<[string, (stream: Stream) => Promise<unknown>]>([
      ['between two chunks', (stream) => stream.chunks.return()],
      [
        'while it waits for one',
        async (stream) => {
          const next = stream.chunks.next();
          stream.caller.abort();
          await next.catch((error: AIError) => expect(error.code).toBe('CLIENT_CLOSED_REQUEST'));
        },
      ],
    ])('%s stops the upstream call, gives back what it took and is reported once', async (_, leave) => {
      settled.length = 0;
      const bench = new PipelineBench();
      const only = bench.add('a', [[text('One '), 'silence']]);
      const stream = open(bench, { timeout: 60_000 }, { gates });
      await stream.chunks.next();
      await leave(stream);
      expect(only.calls[0]?.signal.aborted).toBe(true);
      expect([only.open, bench.clock.pending, settled]).toEqual([0, 0, ['failure']]);
      expect(bench.events).toMatchObject([
        { code: 'CLIENT_CLOSED_REQUEST', attempts: [{ outcome: 'aborted' }] },
      ]);
    });
  });

  it('charges by the catalogue where the provider has no price, in the answer and in the account', async () => {
    const bench = new PipelineBench();
    bench.add('a', [WHOLE], { model: 'gpt-5.4-mini' });
    const { end } = await open(bench).read();
    expect(end?.cost).toEqual({
      input: 0.00000225,
      output: 0.000018,
      total: 0.00002025,
      currency: 'USD',
      source: 'catalogue',
    });
    expect(bench.events[0]?.attempts[0]?.pricing).toMatchObject({ source: 'catalogue' });
  });
});
