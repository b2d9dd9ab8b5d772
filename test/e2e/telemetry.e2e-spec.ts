import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

interface Value {
  stringValue?: string;
  intValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}

interface Attribute {
  key: string;
  value: Value;
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status: { code: number };
}

interface Point {
  attributes: Attribute[];
  count: number;
  sum: number;
}

interface Posted {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
  resourceMetrics?: {
    scopeMetrics: { metrics: { name: string; histogram?: { dataPoints: Point[] } }[] }[];
  }[];
}

/** Takes OTLP in JSON, as https://opentelemetry.io/docs/specs/otlp/#otlphttp says. */
class Collector {
  readonly posted: { path: string; body: Posted }[] = [];
  private readonly server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      this.posted.push({ path: request.url ?? '', body: JSON.parse(text) as Posted });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  get spans(): Span[] {
    return this.posted.flatMap(({ body }) =>
      (body.resourceSpans ?? []).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  }

  /** The points of a histogram, by what they are of. */
  points(name: string): [Record<string, unknown>, Point][] {
    return this.posted.flatMap(({ body }) =>
      (body.resourceMetrics ?? []).flatMap(({ scopeMetrics }) =>
        scopeMetrics.flatMap(({ metrics }) =>
          metrics
            .filter((metric) => metric.name === name)
            .flatMap(({ histogram }) => histogram?.dataPoints ?? [])
            .map((point): [Record<string, unknown>, Point] => [read(point.attributes), point]),
        ),
      ),
    );
  }
}

function read(attributes: Attribute[]): Record<string, unknown> {
  const plain = ({ stringValue, intValue, boolValue, arrayValue }: Value): unknown =>
    stringValue ?? intValue ?? boolValue ?? arrayValue?.values.map(plain);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const HEADERS = { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01`, tracestate: 'vendor=1' };
const USAGE = { prompt: 40, completion: 7 };

describe('traces and metrics for OpenTelemetry', () => {
  const collector = new Collector();
  let service: RunningService;
  let upstream: FakeUpstream;
  let stopped = false;

  beforeAll(async () => {
    const url = await collector.start();
    [service, upstream] = await Promise.all([
      RunningService.start({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_SERVICE_NAME: 'gateway',
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
        AI_CACHE_TTL_SECONDS: '300',
      }),
      FakeUpstream.start(),
    ]);
    upstream.default({ text: 'A secret answer', usage: USAGE, model: 'test-model-2026' });
  }, 90_000);

  afterAll(async () => {
    if (!stopped) await service.stop();
    await Promise.all([upstream.stop(), collector.stop()]);
  });

  const ask = (body: object): Promise<unknown> =>
    service.call('POST', '/ai-providers/complete', body, { ...HEADERS, 'x-request-id': 'traced-1' });

  it('have a span of the caller’s trace for the request and one for each try, which the vendor is told of', async () => {
    const { id } = await registerProvider(service, upstream, { name: 'First', maxTokens: 50 });
    upstream.next(status(503));
    await ask({ prompt: 'A secret question' });
    await eventually(10_000, () => collector.spans.length >= 3);
    const [failed, succeeded, request] = collector.spans;
    expect(request).toMatchObject({
      ...CALLER,
      name: 'complete',
      kind: 2,
      spanId: expect.any(String) as string,
      parentSpanId: CALLER.spanId,
    });
    expect(read(request?.attributes ?? [])).toMatchObject({
      'ai_providers.request.id': 'traced-1',
      'ai_providers.streamed': false,
      'ai_providers.cache': 'miss',
    });
    const [posted] = collector.posted.flatMap(({ body }) => body.resourceSpans ?? []);
    expect(read(posted?.resource.attributes ?? [])).toMatchObject({
      'service.name': 'gateway',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      'deployment.environment.name': 'test',
    });
    for (const span of [failed, succeeded])
      expect(span).toMatchObject({
        traceId: CALLER.traceId,
        name: 'chat test-model',
        kind: 3,
        parentSpanId: request?.spanId,
      });
    expect(failed?.status.code).toBe(2);
    expect(read(failed?.attributes ?? [])).toMatchObject({ 'error.type': 'server_error' });
    expect(read(succeeded?.attributes ?? [])).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'test-model',
      'gen_ai.request.max_tokens': 50,
      'gen_ai.request.temperature': undefined,
      'gen_ai.response.model': 'test-model-2026',
      'gen_ai.response.id': expect.any(String) as string,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 40,
      'gen_ai.usage.output_tokens': 7,
      'ai_providers.provider.id': id,
      'ai_providers.provider.name': 'First',
    });
    expect(upstream.calls.map(({ headers }) => headers['traceparent'])).toEqual(
      [failed, succeeded].map((span) => `00-${CALLER.traceId}-${span?.spanId}-01`),
    );
    expect(upstream.lastCall.headers['tracestate']).toBe('vendor=1');
    expect(JSON.stringify(collector.posted)).not.toContain('secret');
    expect(JSON.stringify(collector.posted)).toContain('"gateway"');
  });

  it('have those of a stream, and none of a try where the answer was cached', async () => {
    const seen = collector.spans.length;
    expect((await streamCompletion(service.url, { prompt: 'Streamed' })).done).toBe(true);
    await ask({ prompt: 'Streamed' });
    await eventually(10_000, () => collector.spans.length >= seen + 3);
    const [chat, streamed, cached] = collector.spans.slice(seen);
    expect([chat?.name, streamed?.name, cached?.name]).toEqual(['chat test-model', 'complete', 'complete']);
    expect(chat?.parentSpanId).toBe(streamed?.spanId);
    expect(read(chat?.attributes ?? [])).toMatchObject({ 'gen_ai.usage.output_tokens': 7 });
    expect(read(cached?.attributes ?? [])).toMatchObject({ 'ai_providers.cache': 'hit' });
  });

  it('count calls and tokens, and are sent to the last one when the service stops', async () => {
    await service.stop();
    stopped = true;
    const about = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'test-model',
    };
    const durations = collector.points('gen_ai.client.operation.duration');
    expect(durations.map(([of, { count }]) => [of, Number(count)])).toEqual([
      [{ ...about, 'error.type': 'server_error' }, 1],
      [about, 2],
    ]);
    const tokens = collector.points('gen_ai.client.token.usage');
    expect(tokens.map(([of, { sum }]) => [of['gen_ai.token.type'], sum])).toEqual([
      ['input', 80],
      ['output', 14],
    ]);
    expect(collector.points('gen_ai.client.operation.time_to_first_chunk')).toHaveLength(1);
  });
});
