import { setTimeout as pause } from 'node:timers/promises';
import type { HealthReport } from '../../src/modules/ai-providers/interfaces/monitoring/health.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { describeWith } from '../services/with-services.js';
import { registerProvider } from './support/providers.js';
import { Replicas } from './support/replicas.js';

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('the health that two replicas tell', () => {
  let replicas: Replicas;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [replicas, upstream] = await Promise.all([Replicas.start(2), FakeUpstream.start()]);
  }, 90_000);
  afterAll(() => Promise.all([replicas.stop(), upstream.stop()]));

  it('costs one probe however many poll, one more on refresh, and one each without Redis', async () => {
    const check = async (turn: number, query = ''): Promise<readonly [number, string | undefined]> => {
      const { status, body } = await replicas
        .at(turn)
        .call<HealthReport>('GET', `/ai-providers/health/check${query}`);
      return [status, body.providers[0]?.checkedAt] as const;
    };
    const { id } = await registerProvider(replicas.at(0), upstream);
    await replicas.untilKnown(id);
    upstream.defaultGet({ delayMs: 500 });
    const first = await Promise.all(Array.from({ length: 20 }, (_, turn) => check(turn)));
    for (let turn = 0; turn < 20; turn += 1, await pause(50)) first.push(await check(turn));
    expect(new Set(first.map(String)).size).toBe(1);
    expect(upstream.calls).toHaveLength(1);

    const forced = await check(0, '?refresh=true');
    expect(await check(1)).toEqual(forced);
    expect(upstream.calls).toHaveLength(2);

    await replicas.redis.stop();
    expect(
      (await Promise.all([check(0, '?refresh=true'), check(1, '?refresh=true')])).map(([code]) => code),
    ).toEqual([200, 200]);
    expect(upstream.calls).toHaveLength(4);
  }, 60_000);
});
