import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisLink } from '../../src/infra/redis/redis-link.js';
import { RedisScript } from '../../src/infra/redis/redis-script.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { OwnRedis } from './support/own-redis.js';
import { RecordingLogger } from './support/recording-logger.js';

const onRedis = describeWith('redis-server');

/** How long a busy machine may take beyond what is promised. */
const LEEWAY_MS = 400;

onRedis('the connection to Redis', () => {
  let redis: OwnRedis;
  let logger: RecordingLogger;
  let link: RedisLink;

  beforeEach(async () => {
    redis = await OwnRedis.start();
    logger = new RecordingLogger();
    link = new RedisLink(redis.url, logger);
  });

  afterEach(async () => {
    await link.onApplicationShutdown();
    await redis.stop();
  });

  const ask = (): Promise<string | undefined> => link.run((client) => client.echo('there'));
  const timed = async (): Promise<{ answer: string | undefined; ms: number }> => {
    const startedAt = performance.now();
    return { answer: await ask(), ms: performance.now() - startedAt };
  };
  /** Whether it is answered without waiting for anything outside of the process. */
  const answersAtOnce = async (): Promise<boolean> => {
    let isAnswered = false;
    void ask().then(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(resolve));
    return isAnswered;
  };

  it('does not keep a start waiting for a Redis that is not there, and finds it when it comes', async () => {
    await redis.stop();
    const startedAt = performance.now();
    await link.open();
    expect(performance.now() - startedAt).toBeLessThan(500 + LEEWAY_MS);
    expect(await ask()).toBeUndefined();
    await redis.start();
    await eventually(5_000, () => link.isAvailable);
    expect(await ask()).toBe('there');
    expect(logger.lines).toEqual([
      'warn Redis is away: this replica goes on by itself',
      'info Redis is there',
    ]);
  });

  describe('to a node of a cluster', () => {
    let directory: string;
    let node: OwnRedis;
    let linkToNode: RedisLink;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'ai-providers-cluster-'));
      node = await OwnRedis.reserve(['--cluster-enabled', 'yes', '--dir', directory]);
      linkToNode = new RedisLink(node.url, logger);
    });

    afterEach(async () => {
      await linkToNode.onApplicationShutdown();
      await node.stop();
      await rm(directory, { recursive: true });
    });

    it('is refused at the start by a line that names the variable', async () => {
      await node.start();
      await expect(linkToNode.open()).rejects.toThrow(/^REDIS_URL: .*Cluster, which is not served$/);
      expect(linkToNode.isAvailable).toBe(false);
    });

    it('that comes later is logged once and not used', async () => {
      await linkToNode.open();
      await node.start();
      await eventually(5_000, () => logger.lines.some((line) => line.startsWith('error REDIS_URL: ')));
      expect(await linkToNode.run((client) => client.ping())).toBeUndefined();
    });
  });

  it('says once that Redis is gone, gives nothing at once meanwhile, and is back by itself', async () => {
    await link.open();
    expect(await ask()).toBe('there');
    await redis.stop();
    await eventually(2_000, async () => (await ask()) === undefined);
    for (let time = 0; time < 20; time += 1) expect(await answersAtOnce()).toBe(true);
    await redis.start();
    await eventually(5_000, () => link.isAvailable);
    expect(await ask()).toBe('there');
    expect(logger.lines).toEqual([
      'info Redis is there',
      'warn Redis is away: this replica goes on by itself',
      'info Redis is there',
    ]);
  });

  it('waits 100 ms for a Redis that hangs, once, and is back when it goes on', async () => {
    await link.open();
    redis.freeze();
    const waited = await Promise.all([timed(), timed(), timed()]);
    for (const { answer, ms } of waited) {
      expect(answer).toBeUndefined();
      expect(ms).toBeLessThan(100 + LEEWAY_MS);
    }
    expect(await answersAtOnce()).toBe(true);
    redis.thaw();
    await eventually(5_000, () => link.isAvailable);
    expect(await ask()).toBe('there');
    expect(logger.lines).toHaveLength(3);
  });

  it('leaves a connection that has hung for long, and is back on a new one', async () => {
    await link.open();
    redis.freeze();
    expect(await ask()).toBeUndefined();
    // Longer than it bears with one connection; nothing that could be waited for happens meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    redis.thaw();
    await eventually(10_000, () => link.isAvailable);
    expect(await ask()).toBe('there');
    expect(logger.lines).toHaveLength(3);
  });

  it('goes on without what Redis refuses, and says so once', async () => {
    await link.open();
    for (let time = 0; time < 3; time += 1)
      expect(
        await link.run((client) => client.incr('no number').then(() => client.lPush('no number', 'x'))),
      ).toBeUndefined();
    expect(link.isAvailable).toBe(true);
    expect(logger.lines).toEqual([
      'info Redis is there',
      'warn Redis refuses a command: this replica goes on by itself',
    ]);
  });

  it('runs a script that Redis has never seen or has forgotten', async () => {
    await link.open();
    const script = new RedisScript('return ARGV[1] .. KEYS[1]');
    const run = (): Promise<unknown> => link.run((client) => script.run(client, ['b'], ['a']));
    expect(await run()).toBe('ab');
    await link.run((client) => client.scriptFlush());
    expect(await run()).toBe('ab');
  });
});
