import { describe, expect, it } from '@jest/globals';
import { PipelineBench, finish, text } from '../../../../test/fakes/pipeline-bench.js';
import { AIError } from '../errors/ai.error.js';
import type { CompletionChunk, StoredAnswer } from '../interfaces/completion.interface.js';
import { AnswerCachePolicy } from '../policies/cache/answer-cache.policy.js';
import type { Policy, PolicyTurn } from '../policies/policy.interface.js';
import { RequestsInFlight } from '../admission/requests-in-flight.js';
import { runCompletion } from './complete.pipeline.js';
import { runStream } from './stream/caller-stream.js';

const REFUSED = new AIError('VALIDATION_FAILED', 'refused by a policy');
const refuse = (): never => {
  throw REFUSED;
};

/** A pipeline with one provider and policies that write down when they are asked. */
class PolicyBench extends PipelineBench {
  readonly log: string[] = [];

  constructor() {
    super();
    this.add('a', [[text('Hello '), text('there'), finish()]]);
  }

  policy(name: string, turn: PolicyTurn | null = { wantsAnswer: true }, waits = false): Policy {
    const noted: PolicyTurn | null = turn && {
      ...turn,
      onPart: (chunks) => {
        this.log.push(`${name} part`);
        turn.onPart?.(chunks);
      },
      after: (response) => {
        this.log.push(`${name} after`);
        turn.after?.(response);
      },
      end: (error) => void this.log.push(`${name} end${error === undefined ? '' : ' failed'}`),
    };
    return {
      name,
      before: () => {
        this.log.push(`${name} before`);
        return waits ? Promise.resolve(noted) : noted;
      },
    };
  }

  complete(...policies: Policy[]): ReturnType<typeof runCompletion> {
    return runCompletion(this.deps({ policies }), { prompt: 'Hi' }, {});
  }

  async read(...policies: Policy[]): Promise<CompletionChunk[]> {
    const inFlight = new RequestsInFlight(this.clock);
    const chunks: CompletionChunk[] = [];
    for await (const group of runStream(this.deps({ policies }), { prompt: 'Hi' }, {}, inFlight))
      chunks.push(...group);
    return chunks;
  }
}

describe('policies', () => {
  it('are asked in order, and hear of the answer and the end in the opposite order', async () => {
    const bench = new PolicyBench();
    await bench.complete(
      bench.policy('one'),
      bench.policy('none', null),
      bench.policy('two', undefined, true),
    );
    expect(bench.log).toEqual([
      'one before',
      'none before',
      'two before',
      'two after',
      'one after',
      'two end',
      'one end',
    ]);
  });

  it('see each group of chunks before the caller, and the whole answer only where they want it', async () => {
    const bench = new PolicyBench();
    const chunks = await bench.read(bench.policy('all'), bench.policy('parts', { wantsAnswer: false }));
    expect(chunks.map(({ content }) => content).join('')).toBe('Hello there');
    expect(bench.log).toContain('all after');
    expect(bench.log).not.toContain('parts after');
    expect(bench.log.filter((line) => line.endsWith(' part'))).toEqual(
      expect.arrayContaining(['all part', 'parts part']),
    );
  });

  it('refuse a request before anybody is asked, and those asked before hear of its end', async () => {
    const bench = new PolicyBench();
    const refusing: Policy = { name: 'no', before: refuse };
    await expect(bench.complete(bench.policy('one'), refusing, bench.policy('two'))).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(bench.log).toEqual(['one before', 'one end failed']);
    expect(bench.adapters.get('a')?.calls).toHaveLength(0);
    expect(bench.events[0]).toMatchObject({ code: 'VALIDATION_FAILED', attempts: [] });
  });

  it('refuse an answer: it is on record as given, and the caller gets the error', async () => {
    const bench = new PolicyBench();
    const refusing = bench.policy('no', { wantsAnswer: true, after: refuse });
    await expect(bench.complete(refusing)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(bench.events[0]).toMatchObject({
      code: 'VALIDATION_FAILED',
      attempts: [{ outcome: 'success' }],
    });
  });

  it('end a stream by what they find in its parts', async () => {
    const bench = new PolicyBench();
    const refusing = bench.policy('no', { wantsAnswer: false, onPart: refuse });
    await expect(bench.read(refusing)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(bench.adapters.get('a')?.open).toBe(0);
  });

  it('answer instead of a provider: later policies are not asked', async () => {
    const bench = new PolicyBench();
    const { id, latency, cached, attempts, ...given } = await bench.complete();
    const answer: StoredAnswer = given;
    const having = bench.policy('has', { wantsAnswer: false, cacheStatus: 'HIT', answer });
    const repeated = await bench.complete(bench.policy('one'), having, bench.policy('two'));
    expect(repeated).toMatchObject({ cached: true, content: 'Hello there' });
    expect(bench.log).toEqual(['one before', 'has before', 'has end', 'one end']);
    expect(bench.adapters.get('a')?.calls).toHaveLength(1);
  });

  it.each(['complete', 'read'] as const)(
    'keep the cache from an answer that one refuses (%s)',
    async (ask) => {
      const bench = new PolicyBench();
      const stored: StoredAnswer[] = [];
      const cache = new AnswerCachePolicy({
        clock: bench.clock,
        directory: { all: () => bench.providers, byId: (id) => bench.providers.find((one) => one.id === id) },
        store: {
          read: () => Promise.resolve(stored[0]),
          write: (_, answer) => Promise.resolve(void stored.push(answer)),
        },
        claims: { isShared: false, claim: () => Promise.resolve(null) },
        ttlMs: 5_000,
        maxTtlMs: 5_000,
        digest: (said) => said,
      });
      const refusing = bench.policy('no', { wantsAnswer: true, after: refuse });
      await expect(bench[ask](refusing, cache)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
      expect(stored).toEqual([]);
      await bench[ask](cache);
      expect(stored).toMatchObject([{ content: 'Hello there' }]);
      expect(bench.adapters.get('a')?.calls).toHaveLength(2);
    },
  );
});
