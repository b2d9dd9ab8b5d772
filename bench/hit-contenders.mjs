import { setTimeout as delay } from 'node:timers/promises';
import { CORES, has, programAt, startNode } from './child-process.mjs';
import { startRedis } from './redis.mjs';
import { startService } from './service.mjs';
import { NATIVE_BODY } from './workload.mjs';

const CACHE_SECONDS = 86_400;

/**
 * Starts what cache hits are compared with: the service with answers in memory beside a Fastify route that returns a
 * constant, and with answers in Redis beside one that gets a constant from Redis; the latter two where redis-server is
 * installed. All are asked the same and answer as much. Contenders are as those of `startContenders`, without streams.
 */
export async function startHitContenders({ nodeArgs } = {}) {
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  const start = async (program, args, cores) => {
    const child = startNode(programAt(program), { args, cores });
    stops.push(() => child.stop());
    const { port } = await child.next();
    return { child, url: `http://127.0.0.1:${port}` };
  };
  const services = [];
  const pair = async (names, upstreamUrl, redisUrl) => {
    const service = await startService({ upstreamUrl, nodeArgs, cacheSeconds: CACHE_SECONDS, redisUrl });
    stops.push(() => service.stop());
    services.push(service);
    const answer = await keptAnswer(service);
    const route = await start(
      './processes/constant-route.mjs',
      [answer, ...(redisUrl === undefined ? [] : [redisUrl])],
      CORES.server,
    );
    return [
      contender(names[0], `${route.url}/complete`, {}, route.child),
      contender(names[1], service.url, service.headers, service.child),
    ];
  };
  try {
    const upstream = await start('./processes/upstream.mjs', [], CORES.load);
    const contenders = await pair(['constantRoute', 'memoryHits'], upstream.url);
    if (has('redis-server')) {
      const redis = await startRedis();
      stops.push(redis.stop);
      contenders.push(...(await pair(['redisGetRoute', 'redisHits'], upstream.url, redis.url)));
    }
    return { stop, services, contenders };
  } catch (error) {
    await stop();
    throw error;
  }
}

function contender(name, url, headers, { cpuSeconds }) {
  return { name, url, headers, body: NATIVE_BODY, cpuSeconds };
}

/** Has the service keep its answer, and gives it as a hit shows it. */
async function keptAnswer({ url, headers }) {
  for (let asked = 0; asked < 20; asked++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: NATIVE_BODY,
    });
    const text = await response.text();
    if (response.headers.get('x-cache') === 'HIT') return text;
    // A write into the cache is not waited for.
    await delay(50);
  }
  throw new Error('The service does not keep its answer');
}
