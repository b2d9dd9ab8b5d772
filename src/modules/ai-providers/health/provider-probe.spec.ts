import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../../test/fakes/fake-clock.js';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { ProviderError } from '../errors/provider.error.js';
import type { AIProviderAdapter } from '../interfaces/ai-adapter.interface.js';
import { ProviderProbe } from './provider-probe.js';

type Ask = (signal: AbortSignal) => Promise<void>;

function probeOf(ask: Ask): { probe: ProviderProbe; clock: FakeClock; asked: () => number } {
  const clock = new FakeClock();
  let count = 0;
  const adapter = {
    probe: (signal: AbortSignal) => {
      count++;
      return ask(signal);
    },
  } as AIProviderAdapter;
  return { probe: new ProviderProbe({ adapterFor: () => adapter }, clock, null), clock, asked: () => count };
}

const provider = providerConfig('p', {});

describe('ProviderProbe', () => {
  it('asks once in 15 s, anew on refresh, and at once for a changed provider', async () => {
    const { probe, clock, asked } = probeOf(() => Promise.resolve());
    await probe.result(provider, false);
    await clock.advance(14_999);
    await probe.result(provider, false);
    expect(asked()).toBe(1);
    await clock.advance(1);
    await probe.result(provider, false);
    expect(asked()).toBe(2);
    await probe.result(provider, true);
    await probe.result({ ...provider, revision: provider.revision + 1n }, false);
    expect(asked()).toBe(4);
  });

  it('shares a probe under way with all who ask, refresh included', async () => {
    const { probe, asked } = probeOf(() => Promise.resolve());
    const [first, second] = [probe.result(provider, false), probe.result(provider, true)];
    expect(await second).toBe(await first);
    expect(asked()).toBe(1);
  });

  it('gives up on a vendor that is silent for 5 s', async () => {
    const { probe, clock } = probeOf(
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () =>
            reject(new ProviderError('aborted', 'The call was aborted.')),
          ),
        ),
    );
    const result = probe.result(provider, false);
    await clock.advance(5_000);
    expect(await result).toMatchObject({
      healthy: false,
      last: { failure: { message: 'The provider did not answer within 5000 ms' } },
    });
  });

  it('remembers the last success and the last failure', async () => {
    let fails = false;
    const { probe, clock } = probeOf(() =>
      fails ? Promise.reject(new ProviderError('authentication', 'bad key')) : Promise.resolve(),
    );
    const { checkedAt } = await probe.result(provider, false);
    fails = true;
    await clock.advance(20_000);
    const failure = { at: checkedAt + 20_000, message: 'bad key' };
    expect(await probe.result(provider, false)).toMatchObject({
      healthy: false,
      last: { successAt: checkedAt, failure },
    });
    fails = false;
    await clock.advance(1_000);
    expect(await probe.result(provider, true)).toMatchObject({
      healthy: true,
      last: { successAt: checkedAt + 21_000, failure },
    });
  });

  it('does not keep an error of our own as the answer of all who ask later', async () => {
    let broken = true;
    const { probe } = probeOf(() => (broken ? Promise.reject(new TypeError('ours')) : Promise.resolve()));
    await expect(probe.result(provider, false)).rejects.toThrow('ours');
    broken = false;
    expect(await probe.result(provider, false)).toMatchObject({ healthy: true });
  });
});
