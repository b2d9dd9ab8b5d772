import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LookupAddress } from 'node:dns';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { FakeUpstream } from '../../../test/fakes/upstream/fake-upstream.js';
import {
  answer,
  coded,
  cutAfter,
  endAfter,
  huge,
  raw,
  redirect,
  reset,
  stall,
  status,
} from '../../../test/fakes/upstream/upstream-script.js';
import type { ResolveAll } from './egress-connector.js';
import { EgressPolicy, parseEgressRule } from './egress-policy.js';
import { HttpTransport, type TransportRequest } from './http-transport.js';
import { toTransportError } from './transport.error.js';

const development = new EgressPolicy({ production: false, allow: [] });
const resolvingTo =
  (...addresses: string[]): ResolveAll =>
  (_hostname, done) =>
    setImmediate(() =>
      done(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );

describe('HttpTransport', () => {
  let upstream: FakeUpstream;
  let transport: HttpTransport;
  const made: HttpTransport[] = [];

  const make = (more: Partial<ConstructorParameters<typeof HttpTransport>[0]> = {}): HttpTransport => {
    const fresh = new HttpTransport({
      baseUrl: upstream.openaiUrl,
      connectTimeoutMs: 2000,
      egress: development,
      ...more,
    });
    made.push(fresh);
    return fresh;
  };
  const chatUrl = (): string => `${upstream.openaiUrl}/chat/completions`;
  const post = (more: TransportRequest = {}): TransportRequest => ({
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [], stream: true }),
    ...more,
  });

  beforeEach(async () => {
    upstream = await FakeUpstream.start();
    transport = make();
  });
  afterEach(async () => {
    await upstream.stop();
    await Promise.all(made.splice(0).map((each) => each.close()));
  });

  it('sends method, body and headers in each of their forms, and asks for no compression', async () => {
    const forms = [
      new Headers({ 'X-A': '1' }),
      [['x-a', '1'] as const],
      { 'x-a': '1', host: 'elsewhere', dropped: undefined },
    ];
    for (const headers of forms) {
      await (
        await transport.request(chatUrl(), post({ headers, body: Buffer.from('{"model":"é"}') }))
      ).text();
      expect(upstream.lastCall.body).toEqual({ model: 'é' });
      expect(upstream.lastCall.headers).toMatchObject({
        'x-a': '1',
        'accept-encoding': 'identity',
        host: new URL(upstream.url).host,
      });
    }
  });

  it('gives status, headers in any case and the body once', async () => {
    upstream.next(raw('\ufeff{"a":1}', { 'X-Two': 'b' }));
    const response = await transport.request(chatUrl(), post());
    expect(response).toMatchObject({ status: 200, ok: true, url: chatUrl(), bodyUsed: false });
    expect(response.headers.get('X-TWO')).toBe('b');
    expect([...response.headers]).toContainEqual(['x-two', 'b']);
    expect(await response.json()).toEqual({ a: 1 });
    await expect(response.text()).rejects.toThrow('read already');
  });

  it('returns a redirect as it is and never follows it', async () => {
    upstream.next(redirect(`${upstream.url}/elsewhere`));
    const response = await transport.request(chatUrl(), post());
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toContain('/elsewhere');
    await response.text();
    expect(upstream.calls).toHaveLength(1);
  });

  it.each([
    'http://127.0.0.2:{port}/v1',
    'http://{host}@evil.test/',
    'https://{host}/v1',
    'http://127.0.0.1.evil.test:{port}/',
    'http://127.0.0.1:1/',
  ])('refuses to send to another origin: %s', async (pattern) => {
    const host = new URL(upstream.url).host;
    const url = pattern.replace('{host}', host).replace('{port}', String(upstream.port));
    await expect(transport.fetch(url, { headers: { authorization: 'Bearer secret' } })).rejects.toMatchObject(
      {
        kind: 'egress_refused',
      },
    );
    expect(upstream.calls).toHaveLength(0);
  });

  it('uses a connection again after a whole answer', async () => {
    for (let i = 0; i < 3; i++) {
      await (await transport.request(chatUrl(), post())).text();
      await nextTurn();
    }
    expect(upstream.connections).toBe(1);
  });

  describe('failures', () => {
    it('says connection for a refused, a reset and a silently closed connection, without the path', async () => {
      upstream.next(reset());
      await expect(transport.request(chatUrl(), post())).rejects.toMatchObject({ kind: 'connection' });
      await upstream.refuseConnections();
      const refused: unknown = await transport.request(chatUrl(), post()).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        kind: 'connection',
        message: `127.0.0.1:${upstream.port}: connection refused`,
      });
    });

    it.each([
      ['reset', reset({ events: 2 }, { text: 'abcd' })],
      ['cut', cutAfter(2, { text: 'abcd' })],
    ])('gives what came before a stream was %s, then throws connection', async (_how, script) => {
      upstream.next(script);
      const { body } = await transport.request(chatUrl(), post());
      let text = '';
      const reading = (async () => {
        for await (const chunk of body) text += chunk.toString('utf8');
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'connection' });
      expect(text).toContain('"content":"b"');
    });

    it('takes a proper end of HTTP as an end, whatever the vendor left out', async () => {
      upstream.next(endAfter(2, { text: 'abcd' }));
      const text = await (await transport.request(chatUrl(), post())).text();
      expect(text).toContain('"content":"b"');
    });

    it('throws connection from text() when a plain body is cut or larger than allowed', async () => {
      upstream.next(cutAfter(1), huge(100_000));
      const plain = post({ body: '{}' });
      await expect((await transport.request(chatUrl(), plain)).text()).rejects.toMatchObject({
        kind: 'connection',
      });
      const narrow = make({ maxBodyBytes: 50_000 });
      await expect((await narrow.request(chatUrl(), plain)).json()).rejects.toMatchObject({
        kind: 'connection',
      });
    });

    it('throws TypeError without the value for a header that HTTP does not allow', async () => {
      const headers = { authorization: 'Bearer sec\nret' };
      const error: unknown = await transport
        .request(chatUrl(), post({ headers }))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain('sec');
    });

    it('says connect_timeout when no connection comes about in time, name lookup included', async () => {
      const stuck = make({ baseUrl: 'http://slow.test/v1', connectTimeoutMs: 60, resolve: () => undefined });
      const start = performance.now();
      await expect(stuck.request('http://slow.test/v1/x')).rejects.toMatchObject({ kind: 'connect_timeout' });
      expect(performance.now() - start).toBeLessThan(500);
    });
  });

  describe('abort', () => {
    it('rejects and closes the connection within 100 ms while the header is awaited', async () => {
      upstream.next(stall());
      const controller = new AbortController();
      const response = transport.request(chatUrl(), post({ signal: controller.signal }));
      response.catch(() => undefined);
      const call = await upstream.arrival(1);
      const start = performance.now();
      controller.abort();
      await expect(response).rejects.toMatchObject({ kind: 'aborted' });
      expect((await call.whenAborted()) - start).toBeLessThan(100);
    });

    it('throws aborted and closes the connection within 100 ms while the body is read', async () => {
      upstream.next(stall({ events: 1 }, { text: 'abcd' }));
      const controller = new AbortController();
      const { body } = await transport.request(chatUrl(), post({ signal: controller.signal }));
      let start = 0;
      const reading = (async () => {
        for await (const chunk of body) {
          if (!chunk.includes('"content":"a"')) continue;
          start = performance.now();
          setImmediate(() => controller.abort());
        }
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'aborted' });
      expect((await upstream.lastCall.whenAborted()) - start).toBeLessThan(100);
    });

    it('rejects at once while the connection is still being made, and sends nothing afterwards', async () => {
      const waiting: (() => void)[] = [];
      const resolve: ResolveAll = (_hostname, done) => {
        waiting.push(() => done(null, [{ address: '127.0.0.1', family: 4 }]));
      };
      const slow = make({ baseUrl: `http://slow.test:${upstream.port}/v1`, resolve });
      const controller = new AbortController();
      const url = `http://slow.test:${upstream.port}/v1/chat/completions`;
      const first = slow.request(url, post({ signal: controller.signal }));
      controller.abort();
      await expect(first).rejects.toMatchObject({ kind: 'aborted' });
      const second = slow.request(url, post({ body: '{"second":true}' }));
      for (const connect of waiting) connect();
      await (await second).text();
      expect(upstream.calls.map((call) => call.body)).toEqual([{ second: true }]);
    });

    it('rejects an aborted signal without connecting', async () => {
      const signal = AbortSignal.abort();
      await expect(transport.request(chatUrl(), post({ signal }))).rejects.toMatchObject({ kind: 'aborted' });
      expect(upstream.connections).toBe(0);
    });
  });

  describe('content codings', () => {
    it.each(['gzip', 'deflate', 'raw-deflate', 'br'] as const)(
      'undoes %s, however it is split',
      async (coding) => {
        const said = { text: 'Grüße, 世界! '.repeat(500) };
        for (const script of [coded(coding, said), { ...coded(coding, said), dripBytes: 7 }]) {
          upstream.next(script);
          const response = await transport.request(chatUrl(), post({ body: '{"model":"m"}' }));
          expect(JSON.parse(await response.text())).toMatchObject({
            choices: [{ message: { content: said.text } }],
          });
        }
      },
    );

    it('reads gzip that nobody named, and text that is named gzip', async () => {
      upstream.next({ ...coded('gzip', { text: 'Hello' }), headers: { 'content-encoding': 'identity' } });
      expect(await (await transport.request(chatUrl(), post({ body: '{}' }))).text()).toContain('Hello');
      for (const coding of ['gzip', 'br', 'deflate']) {
        upstream.next(raw('{"said":"Hello"}', { 'content-encoding': coding }));
        expect(await (await transport.request(chatUrl(), post({ body: '{}' }))).json()).toEqual({
          said: 'Hello',
        });
      }
    });

    it('says connection for a coded body that is broken', async () => {
      upstream.next(raw('\u001f not gzip at all', { 'content-encoding': 'br' }));
      const response = await transport.request(chatUrl(), post({ body: '{}' }));
      await expect(response.text()).rejects.toMatchObject({ kind: 'connection' });
    });

    it('inflates no further than what is read', async () => {
      const small = make({ maxBodyBytes: 1024 * 1024 });
      upstream.next(coded('gzip', { text: 'x'.repeat(32 * 1024 * 1024) }));
      const response = await small.request(chatUrl(), post({ body: '{}' }));
      await expect(response.text()).rejects.toMatchObject({ kind: 'connection' });
      upstream.next(coded('gzip', { text: 'x'.repeat(32 * 1024 * 1024) }));
      const unread = await transport.request(chatUrl(), post({ body: '{}' }));
      const before = process.memoryUsage().arrayBuffers;
      for (let turn = 0; turn < 50; turn++) await nextTurn();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
      unread.body.discard();
    });
  });

  describe('a body left early', () => {
    it('closes the connection when a loop is left, and when it is discarded', async () => {
      upstream.default(stall({ events: 1 }));
      for await (const chunk of (await transport.request(chatUrl(), post())).body)
        if (chunk.length > 0) break;
      await upstream.lastCall.whenAborted();
      (await transport.request(chatUrl(), post())).body.discard();
      await upstream.lastCall.whenAborted();
      expect(upstream.calls.map((call) => call.aborted)).toEqual([true, true]);
    });

    it('keeps the connection when the rest is drained within the limit, closes it beyond', async () => {
      upstream.next(answer(), huge(300_000), answer());
      for (const [limit, whole] of [
        [10_000, true],
        [10_000, false],
      ] as const) {
        const { body } = await transport.request(chatUrl(), post());
        for await (const chunk of body.openEnded()) if (chunk.length > 0) break;
        expect(await body.drain(limit)).toBe(whole);
        await nextTurn();
      }
      await (await transport.request(chatUrl(), post())).text();
      expect(upstream.calls.map((call) => call.connection)).toEqual([1, 1, 2]);
    });

    it('stops draining a silent connection when told to', async () => {
      upstream.next(stall({ events: 1 }));
      const { body } = await transport.request(chatUrl(), post());
      const controller = new AbortController();
      const draining = body.drain(1_000_000, controller.signal);
      controller.abort();
      expect(await draining).toBe(false);
      await upstream.lastCall.whenAborted();
    });

    it('holds a fast sender back while nobody reads', async () => {
      const size = 64 * 1024 * 1024;
      upstream.next(raw('x'.repeat(size)));
      const { body } = await transport.request(chatUrl(), post());
      const first = await body.next();
      for (let turn = 0; turn < 3000 && !upstream.lastCall.finished; turn++) await nextTurn();
      expect(upstream.lastCall.finished).toBe(false);
      let bytes = first.value?.length ?? 0;
      for await (const chunk of body) bytes += chunk.length;
      expect(bytes).toBe(size);
    });
  });

  describe('egress', () => {
    const via = (addresses: string[], production: boolean, rules: string[] = []): HttpTransport =>
      make({
        baseUrl: `http://host.test:${upstream.port}/v1`,
        egress: new EgressPolicy({ production, allow: rules.map(parseEgressRule) }),
        resolve: resolvingTo(...addresses),
      });
    const url = (): string => `http://host.test:${upstream.port}/v1/models`;

    it.each([
      [['169.254.169.254'], false, ['host.test', '0.0.0.0/0']],
      [['::ffff:169.254.169.254', 'fe80::1', '224.0.0.1', '0.0.0.0'], false, ['host.test']],
      [['127.0.0.1', '::1', '10.0.0.1'], true, []],
    ])('refuses a name that stands for %j', async (addresses, production, rules) => {
      await expect(via(addresses, production, rules).request(url())).rejects.toMatchObject({
        kind: 'egress_refused',
      });
      expect(upstream.connections).toBe(0);
    });

    it('connects to the allowed one of several addresses, and to a named host in production', async () => {
      expect((await via(['169.254.169.254', '127.0.0.1'], false).request(url())).status).toBe(200);
      expect((await via(['127.0.0.1'], true, [`host.test:${upstream.port}`]).request(url())).status).toBe(
        200,
      );
    });

    it('refuses an address literal, for which no name is looked up', async () => {
      const strict = make({ egress: new EgressPolicy({ production: true, allow: [] }) });
      await expect(strict.request(chatUrl(), post())).rejects.toMatchObject({ kind: 'egress_refused' });
      expect(upstream.connections).toBe(0);
    });
  });

  describe('under the vendors’ SDKs', () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];

    it('serves openai: plain, stream, error with headers, and a failure found in its cause', async () => {
      const client = new OpenAI({
        apiKey: 'k',
        baseURL: upstream.openaiUrl,
        maxRetries: 0,
        fetch: transport.fetch,
      });
      upstream.next({ text: 'Héllo' }, { text: 'Héllo' }, status(429, { retryAfter: '7' }), reset());
      const plain = await client.chat.completions.create({ model: 'm', messages });
      expect([plain.choices[0]?.message.content, plain._request_id]).toEqual(['Héllo', 'req_fake']);
      let text = '';
      for await (const chunk of await client.chat.completions.create({
        model: 'm',
        messages,
        stream: true,
      })) {
        text += chunk.choices[0]?.delta.content ?? '';
      }
      expect(text).toBe('Héllo');
      const call = (): Promise<unknown> =>
        client.chat.completions.create({ model: 'm', messages }).then(
          () => null,
          (error: unknown) => error,
        );
      const limited = await call();
      expect(limited).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
      expect((limited as { headers: Headers }).headers.get('retry-after')).toBe('7');
      expect(toTransportError(await call())).toMatchObject({ kind: 'connection' });
    });

    it('serves @anthropic-ai/sdk: plain, stream, error, its own retry and a connect timeout found in its cause', async () => {
      const options = { apiKey: 'k', baseURL: upstream.url, maxRetries: 0, fetch: transport.fetch };
      const client = new Anthropic(options);
      const asked = { model: 'claude-sonnet-5-5', max_tokens: 10, messages };
      upstream.next({ text: 'Hi' }, { text: 'Hi' }, status(529), status(500, { retryAfterMs: '1' }), {
        text: 'again',
      });
      expect((await client.messages.create(asked)).content).toMatchObject([{ text: 'Hi' }]);
      expect(await client.messages.stream(asked).finalText()).toBe('Hi');
      await expect(client.messages.create(asked)).rejects.toMatchObject({
        status: 529,
        requestID: 'req_fake',
      });
      expect((await client.messages.create(asked, { maxRetries: 1 })).content).toMatchObject([
        { text: 'again' },
      ]);
      const stuck = make({ baseUrl: 'http://slow.test', connectTimeoutMs: 30, resolve: () => undefined });
      const slow = new Anthropic({ ...options, baseURL: 'http://slow.test', fetch: stuck.fetch });
      const error: unknown = await slow.messages.create(asked).catch((thrown: unknown) => thrown);
      expect(toTransportError(error)).toMatchObject({ kind: 'connect_timeout' });
    });
  });

  it('lets a request in flight end when closed, then takes no more', async () => {
    upstream.next({ answer: {}, delayMs: 50 });
    const response = transport.request(chatUrl(), post());
    await upstream.arrival(1);
    const closed = transport.close();
    expect(await (await response).text()).toContain('[DONE]');
    await closed;
    await expect(transport.request(chatUrl(), post())).rejects.toMatchObject({ kind: 'connection' });
  });
});
