import { CORES, programAt, startNode } from './child-process.mjs';
import { startPortkey } from './portkey.mjs';
import { startService } from './service.mjs';
import { NATIVE_BODY, NATIVE_STREAM_BODY, OPENAI_BODY, OPENAI_STREAM_BODY } from './workload.mjs';

/**
 * Starts all that is compared, and what answers and reads for it: the upstream that answers at once unless `pace` says how
 * a paced one streams. A contender has `name`, `url`, `headers`, `body`, `streamBody`, and `cpuSeconds()`. `stop` ends every
 * process, also those of a start that failed half-way.
 */
export async function startContenders({ serviceNodeArgs, withPortkey = false, pace } = {}) {
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  const start = (program, options) => {
    const child = startNode(programAt(program), options);
    stops.push(() => child.stop());
    return child;
  };
  try {
    const upstream = start(
      ...(pace
        ? ['./processes/paced-upstream.mjs', { cores: CORES.load, args: [JSON.stringify(pace)] }]
        : ['./processes/upstream.mjs', { cores: CORES.load }]),
    );
    const upstreamUrl = await urlOf(upstream);
    const proxy = start('./processes/bare-proxy.mjs', { args: [upstreamUrl], cores: CORES.server });
    const proxyUrl = await urlOf(proxy);
    const readers = {
      streams: start('./processes/stream-reader.mjs', { cores: CORES.load }),
      plain: start('./processes/plain-reader.mjs', { cores: CORES.load }),
    };
    for (const reader of Object.values(readers)) await reader.next();
    const portkey = withPortkey ? await startPortkey({ upstreamUrl, cores: CORES.server, start }) : null;
    const service = await startService({ upstreamUrl, nodeArgs: serviceNodeArgs });
    stops.push(() => service.stop());
    return {
      stop,
      readers,
      services: [service],
      contenders: [
        {
          name: 'upstream',
          url: `${upstreamUrl}/v1/chat/completions`,
          headers: {},
          body: OPENAI_BODY,
          streamBody: OPENAI_STREAM_BODY,
          cpuSeconds: upstream.cpuSeconds,
        },
        {
          name: 'bareProxy',
          url: `${proxyUrl}/complete`,
          headers: {},
          body: NATIVE_BODY,
          streamBody: NATIVE_STREAM_BODY,
          cpuSeconds: proxy.cpuSeconds,
          pid: proxy.pid,
        },
        ...(portkey ? [portkey] : []),
        {
          name: 'service',
          url: service.url,
          headers: service.headers,
          body: NATIVE_BODY,
          streamBody: NATIVE_STREAM_BODY,
          cpuSeconds: service.child.cpuSeconds,
          pid: service.child.pid,
        },
      ],
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function urlOf(child) {
  const { port } = await child.next();
  return `http://127.0.0.1:${port}`;
}
