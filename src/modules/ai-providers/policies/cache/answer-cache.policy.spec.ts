import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { fault, finish, PipelineBench, text, type Step } from '../../../../../test/fakes/pipeline-bench.js';
import type {
  CacheStatus,
  CompletionChunk,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
  CompletionWarning,
  StoredAnswer,
} from '../../interfaces/completion.interface.js';
import { AnswerCachePolicy } from './answer-cache.policy.js';
import { runCompletion } from '../../pipeline/complete.pipeline.js';
import type { PipelineDependencies } from '../../pipeline/pipeline-dependencies.js';
import type { AnswerClaimant } from './answer-cache.ports.js';
import { RequestsInFlight } from '../../admission/requests-in-flight.js';
import { runStream } from '../../pipeline/stream/caller-stream.js';

const ANSWER: Step[] = [text('Hello '), { waitMs: 100 }, text('there'), finish()];
const PRICING = { inputTokenCost: 1, outputTokenCost: 2, currency: 'EUR' };

/** A pipeline with one provider and a cache that never forgets. */
class CachedBench extends PipelineBench {
  readonly kept = new Map<string, { answer: StoredAnswer; ttlMs: number }>();
  readonly statuses: CacheStatus[] = [];
  /** How long it takes to keep an answer. */
  keepingMs = 0;
  private readonly pipeline: PipelineDependencies;

  constructor(
    scripts: Step[][],
    private readonly claims: AnswerClaimant = { isShared: false, claim: () => Promise.resolve(null) },
  ) {
    super();
    this.add('a', scripts, { pricing: PRICING, retryAttempts: 1 });
    this.pipeline = this.deps({
      policies: [
        new AnswerCachePolicy({
          clock: this.clock,
          directory: { all: () => this.providers, byId: (id) => this.providers.find((one) => one.id === id) },
          store: {
            read: (key) => Promise.resolve(this.kept.get(key)?.answer),
            write: async (key, answer, ttlMs) => {
              if (this.keepingMs > 0)
                await new Promise<void>((resolve) => this.clock.schedule(this.keepingMs, resolve));
              this.kept.set(key, { answer, ttlMs });
            },
          },
          claims: this.claims,
          ttlMs: 5_000,
          maxTtlMs: 60_000,
          digest: (said) => createHash('sha256').update(said).digest('hex'),
        }),
      ],
    });
  }

  get calls(): number {
    return this.adapters.get('a')?.calls.length ?? 0;
  }

  complete(
    request: Partial<CompletionRequest> = {},
    context: CompletionContext = {},
  ): Promise<CompletionResponse> {
    return runCompletion(
      this.pipeline,
      { prompt: 'Hi', ...request } as CompletionRequest,
      this.hearing(context),
    );
  }

  stream(
    request: Partial<CompletionRequest> = {},
    context: CompletionContext = {},
  ): ReturnType<typeof runStream> {
    return runStream(
      this.pipeline,
      { prompt: 'Hi', ...request } as CompletionRequest,
      this.hearing(context),
      new RequestsInFlight(this.clock),
    );
  }

  /** Lets the clock run until `work` has settled. */
  async settled<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
    let result: PromiseSettledResult<T> | undefined;
    void Promise.allSettled([work]).then(([settled]) => (result = settled));
    for (let step = 0; result === undefined && step < 1_000; step += 1) await this.clock.advance(50);
    if (result === undefined) throw new Error('It never settled');
    return result;
  }

  async answer(work: Promise<CompletionResponse>): Promise<CompletionResponse> {
    const result = await this.settled(work);
    if (result.status === 'rejected') throw result.reason as Error;
    return result.value;
  }

  private hearing(context: CompletionContext): CompletionContext {
    return { onCacheStatus: (status) => this.statuses.push(status), ...context };
  }
}

async function read(chunks: ReturnType<typeof runStream>): Promise<CompletionChunk[]> {
  const all: CompletionChunk[] = [];
  for await (const group of chunks) all.push(...group);
  return all;
}

describe('a request whose answer is there', () => {
  it('gets it without anybody being asked: it counts, and costs nothing', async () => {
    const bench = new CachedBench([ANSWER]);
    const first = await bench.answer(bench.complete());
    const again = await bench.answer(bench.complete());
    expect(again).toEqual({
      ...first,
      id: again.id,
      cached: true,
      cost: { input: 0, output: 0, total: 0, currency: 'EUR', source: 'provider' },
      latency: 0,
      attempts: [],
    });
    expect(again.id).not.toBe(first.id);
    expect([bench.calls, bench.statuses]).toEqual([1, ['MISS', 'HIT']]);
    expect(bench.events).toMatchObject([
      { code: null, cached: false, attempts: [{ outcome: 'success' }] },
      { code: null, cached: true, attempts: [{ providerId: 'a', outcome: 'success', pricing: PRICING }] },
    ]);
  });

  it('streams it as a stream, and one that was streamed answers a plain request', async () => {
    const bench = new CachedBench([
      [
        { type: 'reasoning', text: 'Hm.' },
        text('Hello '),
        { type: 'tool_call', delta: { index: 0, id: 'c', name: 'look', arguments: '{"a":' } },
        { type: 'tool_call', delta: { index: 0, arguments: '1}' } },
        finish({ finishReason: 'tool_calls' }),
      ],
    ]);
    const first = await read(bench.stream());
    const again = await read(bench.stream());
    const plain = await bench.complete();
    const contentOf = (chunks: CompletionChunk[]): string => chunks.map(({ content }) => content).join('');
    expect(contentOf(again)).toBe(contentOf(first));
    expect(again.slice(0, -1)).toMatchObject([
      { reasoning: 'Hm.' },
      { content: 'Hello ' },
      { toolCallDelta: { index: 0, id: 'c', name: 'look', arguments: '{"a":1}' } },
    ]);
    expect(again.at(-1)).toMatchObject({ done: true, content: '', cached: true, finishReason: 'tool_calls' });
    expect(plain).toMatchObject({
      content: 'Hello ',
      reasoning: 'Hm.',
      cached: true,
      toolCalls: [{ id: 'c', name: 'look', arguments: '{"a":1}' }],
    });
    expect(bench.calls).toBe(1);
  });

  it.each<[string, Partial<CompletionRequest>, CompletionContext]>([
    ['another prompt', { prompt: 'Ho' }, {}],
    ['another setting', { temperature: 0.1 }, {}],
    ['another caller', {}, { caller: 'bob' }],
  ])('is told from one with %s', async (_, request, context) => {
    const bench = new CachedBench([ANSWER]);
    await bench.answer(bench.complete());
    await bench.answer(bench.complete(request, context));
    expect(bench.statuses).toEqual(['MISS', 'MISS']);
  });

  it('is the same whatever does not change what is asked, and in whatever order it is said', async () => {
    const bench = new CachedBench([ANSWER]);
    await bench.answer(bench.complete({ temperature: 1, maxTokens: 5 }));
    const same = {
      maxTokens: 5,
      temperature: 1,
      priority: 'low',
      timeout: 900,
      metadata: { a: 'b' },
    } as const;
    await bench.answer(bench.complete(same));
    expect(bench.statuses).toEqual(['MISS', 'HIT']);
  });

  it('misses once the provider has changed, and when it alone is asked for', async () => {
    const bench = new CachedBench([ANSWER]);
    bench.add('b', [ANSWER]);
    await bench.answer(bench.complete());
    await bench.answer(bench.complete({ providerId: 'a' }));
    bench.change('a', { revision: 2n });
    await bench.answer(bench.complete());
    expect(bench.statuses).toEqual(['MISS', 'MISS', 'MISS']);
  });

  it('is kept for the time it names, else for the usual one', async () => {
    const bench = new CachedBench([ANSWER]);
    await bench.answer(bench.complete({ cache: { ttl: 9 } }));
    await bench.answer(bench.complete({ prompt: 'Ho' }));
    await bench.answer(bench.complete({ prompt: 'Hu', cache: { ttl: 60 } }));
    expect([...bench.kept.values()].map(({ ttlMs }) => ttlMs)).toEqual([9_000, 5_000, 60_000]);
  });

  it('is kept for the longest time where more was asked for, and that is told to who asked so alone', async () => {
    const bench = new CachedBench([ANSWER]);
    const heard: CompletionWarning[] = [];
    const onWarnings = (warnings: readonly CompletionWarning[]): void => void heard.push(...warnings);
    const narrowed = { field: 'cache.ttl', action: 'narrowed', detail: 'Answers are kept for 60 s at most' };
    const first = await bench.answer(bench.complete({ cache: { ttl: 1e9 } }, { onWarnings }));
    expect([first.warnings, heard]).toEqual([[narrowed], [narrowed]]);
    expect([...bench.kept.values()].map(({ ttlMs }) => ttlMs)).toEqual([60_000]);
    expect((await bench.answer(bench.complete({ cache: { ttl: 9 } }))).warnings).toEqual([]);
    expect((await read(bench.stream({ cache: { ttl: 1e9 } }))).at(-1)).toMatchObject({
      warnings: [narrowed],
    });
  });

  it('wants none with `cache: false`, neither to read nor to fill', async () => {
    const bench = new CachedBench([ANSWER]);
    await bench.answer(bench.complete({ cache: false }));
    await bench.answer(bench.complete({ cache: false }));
    expect([bench.calls, bench.kept.size, bench.statuses]).toEqual([2, 0, ['BYPASS', 'BYPASS']]);
  });

  it.each<[string, Step[]]>([
    ['was filtered', [text('Hel'), finish({ finishReason: 'content_filter' })]],
    ['ended for an unknown reason', [text('Hel'), finish({ finishReason: 'other' })]],
    ['failed', [fault('malformed')]],
    ['was cut', [text('Hel'), fault('truncated')]],
  ])('is not kept where it %s', async (_, script) => {
    const bench = new CachedBench([script]);
    await bench.settled(read(bench.stream()));
    await bench.settled(bench.complete());
    expect([bench.calls, bench.kept.size]).toEqual([2, 0]);
  });
});

describe('identical requests at the same time', () => {
  it('make one call, plain and streamed alike', async () => {
    const bench = new CachedBench([ANSWER]);
    const plain = Array.from({ length: 5 }, () => bench.answer(bench.complete()));
    const streamed = read(bench.stream());
    const answers = await Promise.all(plain);
    const end = (await streamed).at(-1);
    expect([bench.calls, answers.map(({ content }) => content)]).toEqual([1, Array(5).fill('Hello there')]);
    expect(answers.map(({ cached }) => cached)).toEqual([false, true, true, true, true]);
    expect(end).toMatchObject({ done: true, cached: true });
    expect(bench.clock.pending).toBe(0);
  });

  it('do not fail by the one that leads, nor ask all at once: one of them leads next', async () => {
    const bench = new CachedBench([[{ waitMs: 100 }, fault('authentication')], ANSWER]);
    const [first, second, third] = await Promise.all(
      [bench.complete(), bench.complete(), bench.complete()].map((work) => bench.settled(work)),
    );
    expect([first?.status, second?.status, third?.status]).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(bench.calls).toBe(2);
  });

  it.each<[string, CompletionRequest | object, boolean]>([
    ['hangs up', {}, true],
    ['runs out of its own time', { timeout: 50 }, false],
  ])('are answered though the one that leads %s', async (_, request, hangsUp) => {
    const bench = new CachedBench([[{ waitMs: 1_000 }, ...ANSWER]]);
    const leader = new AbortController();
    const first = bench.settled(bench.complete(request, { signal: leader.signal }));
    const others = [1, 2, 3].map(() => bench.answer(bench.complete()));
    await bench.clock.advance(40);
    if (hangsUp) leader.abort();
    expect((await first).status).toBe('rejected');
    const answers = await Promise.all(others);
    expect([bench.calls, answers.map(({ cached }) => cached)]).toEqual([1, [true, true, true]]);
    expect(
      bench.events.filter(({ attempts }) => attempts[0]?.tryNumber === 1 && attempts.length > 0),
    ).toHaveLength(4);
  });

  it('are answered though the one that leads stops reading its stream', async () => {
    const bench = new CachedBench([ANSWER]);
    const leader = bench.stream();
    await leader.next();
    const follower = bench.answer(bench.complete());
    await leader.return();
    expect(await follower).toMatchObject({ content: 'Hello there', cached: true });
    expect(bench.calls).toBe(1);
  });

  it('do not wait for the slow reader of another’s stream', async () => {
    const bench = new CachedBench([ANSWER]);
    const leader = bench.stream();
    await leader.next();
    const began = bench.clock.monotonic();
    const follower = await bench.answer(bench.complete());
    expect([follower.cached, bench.calls]).toEqual([true, 1]);
    expect(bench.clock.monotonic() - began).toBeLessThan(200);
    await bench.settled(read(leader));
  });

  it('ask anew, one for all, when the answer is too long to be kept', async () => {
    const long = text('x'.repeat(600_000));
    const bench = new CachedBench([[long, { waitMs: 100 }, long, finish()], ANSWER]);
    const leader = bench.settled(read(bench.stream()));
    const followers = [bench.answer(bench.complete()), bench.answer(bench.complete())];
    const answers = await Promise.all(followers);
    await leader;
    expect(answers.map(({ content, cached }) => [content, cached])).toEqual([
      ['Hello there', false],
      ['Hello there', true],
    ]);
    expect(bench.calls).toBe(2);
    expect(bench.kept.size).toBe(1);
  });

  it('wait no longer than their own time, and are accounted for', async () => {
    const bench = new CachedBench([[{ waitMs: 10_000 }, ...ANSWER]]);
    const leader = bench.settled(bench.complete());
    const follower = await bench.settled(bench.complete({ timeout: 100 }));
    expect(follower).toMatchObject({ status: 'rejected', reason: { code: 'DEADLINE_EXCEEDED' } });
    expect(bench.events).toMatchObject([{ code: 'DEADLINE_EXCEEDED', cached: false, attempts: [] }]);
    await leader;
    expect(bench.clock.pending).toBe(0);
  });
});

describe('a stream that another is on already', () => {
  const PACED: Step[] = [
    { type: 'reasoning', text: 'Hm. ' },
    { waitMs: 100 },
    text('one '),
    { waitMs: 100 },
    text('two '),
    { waitMs: 100 },
    text('three'),
    finish(),
  ];
  const said = (chunks: readonly CompletionChunk[]): string => chunks.map(({ content }) => content).join('');

  /** Notes what comes and when. */
  function listen(bench: CachedBench, stream: ReturnType<typeof runStream>): { at: number; said: string }[] {
    const heard: { at: number; said: string }[] = [];
    void (async () => {
      for await (const group of stream)
        for (const chunk of group) {
          if (chunk.content !== '') heard.push({ at: bench.clock.monotonic(), said: chunk.content });
          else if (chunk.done)
            heard.push({ at: bench.clock.monotonic(), said: chunk.cached ? 'cached' : 'asked' });
        }
    })().catch((error: { code: string }) => heard.push({ at: bench.clock.monotonic(), said: error.code }));
    return heard;
  }

  it('is heard as it comes, by one who came with it and by one who came late', async () => {
    const bench = new CachedBench([PACED]);
    const first = listen(bench, bench.stream());
    const second = listen(bench, bench.stream());
    await bench.clock.advance(150);
    const late = listen(bench, bench.stream());
    await bench.clock.advance(400);
    const asItComes = [
      { at: 100, said: 'one ' },
      { at: 200, said: 'two ' },
      { at: 300, said: 'three' },
    ];
    expect(first).toEqual([...asItComes, { at: 300, said: 'asked' }]);
    expect(second).toEqual([...asItComes, { at: 300, said: 'cached' }]);
    expect(late).toEqual([{ at: 150, said: 'one ' }, ...asItComes.slice(1), { at: 300, said: 'cached' }]);
    expect([bench.calls, bench.statuses, bench.clock.pending]).toEqual([1, ['MISS', 'HIT', 'HIT'], 0]);
  });

  it('is held up by no reader, and nothing is lost for a slow one', async () => {
    const bench = new CachedBench([PACED]);
    const leader = bench.stream();
    await leader.next();
    const follower = bench.stream();
    const begun = await follower.next();
    const quick = listen(bench, bench.stream());
    await bench.clock.advance(1_000);
    expect(quick.at(-1)).toEqual({ at: 300, said: 'cached' });
    for (const slow of [leader, follower]) {
      const rest = await read(slow);
      expect(said(rest)).toBe('one two three');
      expect(rest.at(-1)).toMatchObject({ done: true });
    }
    expect(begun.value).toMatchObject([{ reasoning: 'Hm. ' }]);
    expect(bench.calls).toBe(1);
  });

  it.each(['hangs up', 'stops reading', 'runs out of time'])(
    'goes on for those who follow when the one that leads %s',
    async (how) => {
      const bench = new CachedBench([PACED]);
      const caller = new AbortController();
      const leading = bench.stream(how === 'runs out of time' ? { timeout: 150 } : {}, {
        signal: caller.signal,
      });
      const led = listen(bench, leading);
      const follower = listen(bench, bench.stream());
      await bench.clock.advance(150);
      if (how === 'hangs up') caller.abort();
      if (how === 'stops reading') void leading.return();
      await bench.clock.advance(1_000);
      expect(led.map(({ said: word }) => word).join('')).not.toContain('two');
      expect(follower.map(({ said: word }) => word)).toEqual(['one ', 'two ', 'three', 'cached']);
      expect([bench.calls, bench.clock.pending]).toEqual([1, 0]);
      expect(bench.events.map(({ code, attempts }) => [code, attempts.length])).toEqual([
        [how === 'runs out of time' ? 'DEADLINE_EXCEEDED' : 'CLIENT_CLOSED_REQUEST', 1],
        [null, 1],
      ]);
    },
  );

  it('ends when all who heard it have left', async () => {
    const bench = new CachedBench([PACED]);
    const streams = [bench.stream(), bench.stream(), bench.stream()];
    streams.forEach((stream) => listen(bench, stream));
    await bench.clock.advance(150);
    for (const stream of streams) void stream.return();
    await bench.clock.advance(10);
    expect(bench.adapters.get('a')?.open).toBe(0);
    expect(bench.events).toHaveLength(3);
    expect(bench.clock.pending).toBe(0);
  });

  it('that breaks is broken for all who heard of it; who had nothing yet asks, one for the others', async () => {
    const bench = new CachedBench([
      [{ waitMs: 100 }, fault('truncated')],
      [{ waitMs: 100 }, ...ANSWER],
    ]);
    const streams = Array.from({ length: 5 }, () => listen(bench, bench.stream()));
    await bench.clock.advance(1_000);
    expect(streams.map((heard) => heard.at(-1)?.said)).toEqual([
      'ALL_PROVIDERS_FAILED',
      'asked',
      'cached',
      'cached',
      'cached',
    ]);
    expect(bench.calls).toBe(2);
  });

  it('is refused for all where the vendor says that the request is wrong', async () => {
    const bench = new CachedBench([[{ waitMs: 100 }, fault('invalid_request')]]);
    const streams = Array.from({ length: 5 }, () => listen(bench, bench.stream()));
    const plain = Array.from({ length: 5 }, () => bench.settled(bench.complete()));
    await bench.clock.advance(1_000);
    expect(streams.map((heard) => heard.at(-1)?.said)).toEqual(Array(5).fill('UPSTREAM_REJECTED_REQUEST'));
    expect((await Promise.all(plain)).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(bench.calls).toBe(1);
  });

  it('fails for all after the second that led has failed', async () => {
    const bench = new CachedBench([[{ waitMs: 100 }, fault('server_error')]]);
    const all = Array.from({ length: 20 }, () => bench.settled(bench.complete()));
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
    expect(bench.calls).toBe(2);
  });

  it('keeps pace with the slowest once the transcript is nearly full, and loses nothing', async () => {
    const long = 'x'.repeat(300_000);
    const bench = new CachedBench([[...Array.from({ length: 6 }, () => text(long)), finish()]]);
    const leader = bench.stream();
    await leader.next();
    const follower = bench.stream();
    const [whole, other] = await Promise.all([read(follower), read(leader)]);
    expect(said(whole)).toHaveLength(6 * long.length);
    expect(said(other)).toHaveLength(5 * long.length);
    expect(bench.calls).toBe(1);
  });
});

describe('a listener of the host that throws', () => {
  const thrower = (): never => {
    throw new Error('headers already sent');
  };

  it.each(['whole', 'streamed'])(
    'loses no claim: the next one who asks the same is answered (%s)',
    async (how) => {
      const released: string[] = [];
      const bench = new CachedBench([ANSWER], {
        isShared: true,
        claim: (key) => Promise.resolve(() => void released.push(key)),
      });
      const ask = (context: CompletionContext): Promise<unknown> =>
        how === 'whole' ? bench.complete({}, context) : read(bench.stream({}, context));
      const failed = await bench.settled(ask({ onCacheStatus: thrower }));
      expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'headers already sent' } });
      expect(released).toHaveLength(1);
      expect((await bench.settled(ask({}))).status).toBe('fulfilled');
      expect([bench.calls, bench.clock.pending]).toEqual([1, 0]);
    },
  );

  it('harms none of those who wait for the same', async () => {
    const bench = new CachedBench([ANSWER]);
    const failing = bench.settled(bench.complete({}, { onCacheStatus: thrower }));
    const others = [bench.answer(bench.complete()), bench.answer(bench.complete())];
    expect((await Promise.all(others)).map(({ content }) => content)).toEqual(Array(2).fill('Hello there'));
    expect((await failing).status).toBe('rejected');
  });
});

describe('a request that replicas ask for one at a time', () => {
  /** Says what the others let it have, in order; then it has the claim. */
  class Claims implements AnswerClaimant {
    readonly isShared = true;
    released = 0;
    /** What else happens when it is asked. */
    onClaim: (key: string) => void = () => undefined;
    /** Whether whoever claimed last gets on no more. */
    isStalled: () => boolean = () => false;

    constructor(private refusals = 0) {}

    claim(key: string, isStalled: () => boolean): Promise<(() => void) | null> {
      this.onClaim(key);
      this.isStalled = isStalled;
      return Promise.resolve(this.refusals-- > 0 ? null : () => void (this.released += 1));
    }
  }

  it('waits while another has the claim, and asks when that is taken back without an answer', async () => {
    const claims = new Claims(3);
    const bench = new CachedBench([ANSWER], claims);
    const { content } = await bench.answer(bench.complete());
    await bench.clock.advance(1);
    expect([content, bench.calls, claims.released]).toEqual(['Hello there', 1, 1]);
  });

  it('finds what another kept between its look and its claim', async () => {
    const claims = new Claims();
    const bench = new CachedBench([ANSWER], claims);
    const first = await bench.answer(bench.complete());
    await bench.clock.advance(1);
    const [[key, kept] = []] = bench.kept;
    bench.kept.clear();
    claims.onClaim = () => key !== undefined && kept && bench.kept.set(key, kept);
    const again = await bench.answer(bench.complete());
    expect([again.content, again.cached, bench.calls, claims.released]).toEqual([first.content, true, 1, 2]);
  });

  it('takes its claim back only when its answer is kept', async () => {
    const claims = new Claims();
    const bench = new CachedBench([ANSWER], claims);
    bench.keepingMs = 500;
    await bench.answer(bench.complete());
    expect([bench.kept.size, claims.released]).toEqual([0, 0]);
    await bench.clock.advance(500);
    expect([bench.kept.size, claims.released]).toEqual([1, 1]);
  });

  it('has its claim for ten minutes at most, however long it goes on', async () => {
    const claims = new Claims();
    const bench = new CachedBench([['silence']], claims);
    bench.change('a', { timeout: 3_600_000 });
    const caller = new AbortController();
    const asking = Promise.allSettled([bench.complete({}, { signal: caller.signal })]);
    await bench.clock.advance(599_999);
    expect(claims.isStalled()).toBe(false);
    await bench.clock.advance(1);
    expect(claims.isStalled()).toBe(true);
    caller.abort();
    await asking;
  });

  it('takes its claim back at once when it fails', async () => {
    const claims = new Claims();
    const bench = new CachedBench([[fault('server_error')]], claims);
    expect((await bench.settled(bench.complete())).status).toBe('rejected');
    expect(claims.released).toBe(1);
  });
});
