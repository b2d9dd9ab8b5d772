import { once } from 'node:events';
import { connect } from 'node:net';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import {
  cutAfter,
  drip,
  endAfter,
  malformedEvent,
  reset,
  stall,
  status,
  streamError,
  withoutTerminator,
} from '../fakes/upstream/upstream-script.js';
import { streamCompletion, type StreamedAnswer } from './support/event-stream.reader.js';
import { eventually } from '../integration/support/eventually.js';
import { openUnreadStream } from './support/unread-stream.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const TEXT = 'The quick brown fox jumps over the lazy dog';
const SAID = { text: TEXT, chunks: 6, usage: { prompt: 9, completion: 11 } };

describe('a stream whose first content is long in coming', () => {
  const OPEN_AFTER_MS = 200;
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([
      RunningService.start({ AI_STREAM_OPEN_AFTER_MS: String(OPEN_AFTER_MS), AI_STREAM_RECOVERY: 'off' }),
      FakeUpstream.start(),
    ]);
    await registerProvider(service, upstream, { retryAttempts: 1 });
  }, 90_000);

  afterAll(async () => {
    await Promise.all([service.stop(), upstream.stop()]);
  });

  const openai = async (): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${service.url}/ai-providers/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'test-model',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
      }),
    });
    return { status: response.status, text: await response.text() };
  };

  it('has its head and a comment before, and then the content', async () => {
    upstream.default({ answer: SAID, delayMs: 5 * OPEN_AFTER_MS });
    const own = await streamCompletion(service.url, { prompt: 'Hi' });
    expect(own).toMatchObject({ status: 200, comments: 1, content: TEXT, done: true, error: undefined });
    expect(own.text).toMatch(/^: open\n\ndata: /);
    const { status, text } = await openai();
    expect(status).toBe(200);
    expect(text).toMatch(/^: open\n\ndata: \{/);
    expect(text).toMatch(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s);
  });

  it('ends by an error event where it fails then for good, and never by [DONE]', async () => {
    upstream.default({ ...status(500), delayMs: 5 * OPEN_AFTER_MS });
    const own = await streamCompletion(service.url, { prompt: 'Hi' });
    expect(own).toMatchObject({ status: 200, comments: 1, content: '', done: false });
    expect(own.error).toMatchObject({ statusCode: 502, code: 'ALL_PROVIDERS_FAILED', attempts: [{}] });
    const failed = await openai();
    expect(failed.status).toBe(200);
    expect(failed.text).toMatch(/^: open\n\n/);
    const events = failed.text.split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events.map((event) => JSON.parse(event.slice(6)) as object)).toEqual([
      { error: expect.objectContaining({ code: 'all_providers_failed' }) as object },
    ]);
  });
});

describe('callers who do not read', () => {
  const READER_TIMEOUT_MS = 2_000;
  /** More than all buffers between hold. */
  const LONG = { text: 'quite a few words '.repeat(500_000), chunks: 1_500 };
  const ENDLESS = stall({ events: 150 }, { text: 'quite a few words '.repeat(30_000), chunks: 200 });
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeEach(async () => {
    [service, upstream] = await Promise.all([
      RunningService.start({
        AI_CACHE_TTL_SECONDS: '300',
        AI_STREAM_READER_TIMEOUT_MS: String(READER_TIMEOUT_MS),
      }),
      FakeUpstream.start(),
    ]);
    await registerProvider(service, upstream);
  }, 90_000);

  afterEach(async () => {
    await Promise.all([service.stop(), upstream.stop()]);
  });

  const inFlight = async (): Promise<number> =>
    Number(
      /^ai_providers_requests_in_flight(?:\{.*\})? (\d+)/m.exec(
        (await service.call('GET', '/metrics')).text,
      )?.[1],
    );

  it('keep nobody else waiting, and leave nothing in flight once they have hung up', async () => {
    const readers = 40;
    upstream.default(ENDLESS);
    const sockets = Array.from({ length: readers }, (_, index) =>
      openUnreadStream(service.url, { prompt: `Endless ${index}` }),
    );
    await eventually(20_000, () => upstream.calls.length === readers);
    const asked = performance.now();
    expect((await service.call('GET', '/health/live')).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(1_000);
    sockets.forEach((socket) => socket.destroy());
    await eventually(2_000, async () => (await inFlight()) === 0);
    await Promise.all(upstream.calls.map((call) => call.whenClosed()));
  }, 60_000);

  it('are cut off in their time, of a whole answer too', async () => {
    const text = 'quite a few words '.repeat(800_000);
    upstream.default({ text });
    const socket = openUnreadStream(service.url, { prompt: 'Hi', stream: false });
    await eventually(20_000, () => service.output().includes('Request answered'));
    // As long as it is looked whether some of it has been taken: twice.
    await new Promise((resolve) => setTimeout(resolve, 3 * READER_TIMEOUT_MS));
    let bytes = 0;
    socket.on('data', (data) => (bytes += data.length)).resume();
    await once(socket, 'close');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(text.length);
  }, 60_000);

  it('are cut off in their time', async () => {
    upstream.default(LONG);
    const socket = openUnreadStream(service.url);
    await (await upstream.arrival(1)).whenClosed();
    let bytes = 0;
    socket.on('data', (data) => (bytes += data.length)).resume();
    await once(socket, 'close');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(LONG.text.length);
  }, 60_000);
});

describe('a streamed completion', () => {
  let service: RunningService;
  let unrecovering: RunningService;
  let prefilling: RunningService;
  let upstream: FakeUpstream;
  let second: FakeUpstream;

  const stream = (body: object = {}): Promise<StreamedAnswer> =>
    streamCompletion(service.url, { prompt: 'Hi', ...body });

  beforeAll(async () => {
    [service, unrecovering, prefilling, upstream, second] = await Promise.all([
      RunningService.start({ AI_SSE_KEEPALIVE_MS: '100' }),
      RunningService.start({ AI_STREAM_RECOVERY: 'off' }),
      RunningService.start({ AI_STREAM_RECOVERY: 'prefill' }),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
  }, 90_000);

  beforeEach(() => {
    upstream.clear();
    second.clear();
    upstream.default(SAID);
    second.default(SAID);
  });

  afterEach(async () => {
    await Promise.all([service, unrecovering, prefilling].map(deactivateAll));
  });

  afterAll(async () => {
    await Promise.all([service, unrecovering, prefilling, upstream, second].map((each) => each.stop()));
  });

  describe.each(TYPES)('from %s', (type) => {
    it('comes as events, ends with the account and then [DONE]', async () => {
      const provider = await registerProvider(service, upstream, {
        type,
        pricing: { inputTokenCost: 1, outputTokenCost: 2, currency: 'EUR' },
      });
      const answer = await stream();
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      expect(answer.headers.get('x-request-id')).toMatch(/./);
      expect(answer.content).toBe(TEXT);
      expect(answer.chunks.filter(({ done }) => !done).length).toBeGreaterThan(1);
      expect(answer.chunks.at(-1)).toMatchObject({
        content: '',
        done: true,
        finishReason: 'stop',
        providerId: provider.id,
        providerType: type,
        usage: { promptTokens: 9, completionTokens: 11, source: 'reported' },
        cost: { total: 0.031, currency: 'EUR' },
        cached: false,
        attempts: [{ outcome: 'success' }],
      });
      expect(new Set(answer.chunks.map(({ id }) => id)).size).toBe(1);
      expect(answer.done).toBe(true);
    });

    it('is the same however the bytes arrive', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default(drip(7, { text: 'Grüße, 世界 👋', chunks: 4 }));
      expect((await stream()).content).toBe('Grüße, 世界 👋');
    });

    it('forwards a chunk before the next one has come', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default({ answer: SAID, fault: { how: 'stall', at: { events: 2 } } });
      const caller = new AbortController();
      const seen = streamCompletion(
        service.url,
        { prompt: 'Hi' },
        (events) => {
          if (events.length >= 1) caller.abort();
        },
        caller.signal,
      );
      await expect(seen).rejects.toThrow();
      await upstream.lastCall.whenAborted();
    });

    it('answers with a real status what fails before the first content', async () => {
      await registerProvider(service, upstream, { type, retryAttempts: 1 });
      upstream.default(status(500));
      const failed = await stream();
      expect(failed.status).toBe(502);
      expect(failed.headers.get('content-type')).toContain('application/json');
      expect(JSON.parse(failed.text)).toMatchObject({ code: 'ALL_PROVIDERS_FAILED' });
    });

    it.each([
      ['a reset', reset({ events: 0 }, SAID)],
      ['a cut', cutAfter(0, SAID)],
      ['an empty stream', endAfter(0, SAID)],
      ['an error event', streamError(0, SAID)],
      ['a 503', status(503)],
    ])('tries again after %s before the first content', async (_, script) => {
      await registerProvider(service, upstream, { type });
      upstream.next(script);
      const answer = await stream();
      expect(answer).toMatchObject({ status: 200, content: TEXT, done: true });
      expect(upstream.calls).toHaveLength(2);
    });

    it.each([
      ['cut', cutAfter(3, SAID)],
      ['ended without a finish', endAfter(3, SAID)],
      ['reset', reset({ events: 3 }, SAID)],
      ['broken by an error event', streamError(3, SAID)],
    ])('never shows an answer that was %s as a whole one', async (_, script) => {
      await registerProvider(unrecovering, upstream, { type });
      upstream.default(script);
      const answer = await streamCompletion(unrecovering.url, { prompt: 'Hi' });
      expect(answer.status).toBe(200);
      expect(answer.content.length).toBeGreaterThan(0);
      expect(TEXT.startsWith(answer.content)).toBe(true);
      expect(answer.chunks.some(({ done }) => done)).toBe(false);
      expect(answer.done).toBe(false);
      expect(answer.error).toMatchObject({
        code: 'ALL_PROVIDERS_FAILED',
        attempts: [{ providerId: expect.any(String) as string }],
      });
    });

    it('goes on from the next candidate where its text agrees, and says so', async () => {
      await registerProvider(service, upstream, { type, priority: 1 });
      const next = await registerProvider(service, second, { type });
      upstream.default(endAfter(3, SAID));
      const answer = await stream();
      expect(answer).toMatchObject({ content: TEXT, done: true, error: undefined });
      expect(answer.chunks.at(-1)).toMatchObject({
        recovered: true,
        providerId: next.id,
        attempts: [{ outcome: 'truncated' }, { outcome: 'success' }],
      });
    });

    it('goes on from the same provider where there is no other', async () => {
      await registerProvider(service, upstream, { type });
      upstream.next(endAfter(3, SAID));
      expect(await stream()).toMatchObject({ content: TEXT, done: true });
      expect(upstream.calls).toHaveLength(2);
    });

    it('ends with an error where the restarted answer is another one', async () => {
      await registerProvider(service, upstream, { type, priority: 1, retryAttempts: 1 });
      await registerProvider(service, second, { type });
      upstream.default(endAfter(3, SAID));
      second.default({ text: 'Something else altogether, and longer than before', chunks: 6 });
      const answer = await stream();
      expect(answer.done).toBe(false);
      expect(TEXT.startsWith(answer.content)).toBe(true);
      expect(answer.error).toMatchObject({ attempts: [{ outcome: 'truncated' }, { outcome: 'diverged' }] });
    });

    it('is a success at once when only the last sentinel is missing', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default(withoutTerminator(SAID));
      expect(await stream()).toMatchObject({ content: TEXT, done: true });
      expect(upstream.calls).toHaveLength(1);
    });

    it('skips a malformed event and goes on', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default(malformedEvent(2, SAID));
      expect(await stream()).toMatchObject({ content: TEXT, done: true });
      expect(upstream.calls).toHaveLength(1);
    });

    it('goes on to the next provider when the first content does not come in time', async () => {
      await registerProvider(service, upstream, { type, priority: 1, firstTokenTimeout: 200 });
      const next = await registerProvider(service, second, { type });
      upstream.default(stall('after_headers'));
      const answer = await stream();
      expect(answer.chunks.at(-1)).toMatchObject({
        providerId: next.id,
        attempts: [{ outcome: 'timeout', phase: 'first_token' }, { outcome: 'success' }],
      });
      await upstream.lastCall.whenAborted();
    });

    it('recovers a stream that falls silent', async () => {
      await registerProvider(service, upstream, { type, priority: 1, idleTimeout: 200 });
      await registerProvider(service, second, { type });
      upstream.default(stall({ events: 2 }, SAID));
      const answer = await stream();
      expect(answer).toMatchObject({ content: TEXT, done: true });
      expect(answer.chunks.at(-1)).toMatchObject({
        recovered: true,
        attempts: [{ outcome: 'timeout', phase: 'idle' }, {}],
      });
      await upstream.lastCall.whenAborted();
    });
  });

  describe.each(['OPENAI', 'ANTHROPIC', 'GOOGLE', 'CUSTOM'] as const)('prefilled by %s', (type) => {
    const cutText = 'The quick brown fox jumps';

    /** The one that is cut, and the one that can go on from a partial answer. */
    async function pair(): Promise<void> {
      await registerProvider(prefilling, upstream, { type, priority: 1, retryAttempts: 1 });
      await registerProvider(prefilling, second, { type, supportsPrefill: true });
      upstream.default(
        endAfter(1, { text: `${cutText} over`, chunks: 2, usage: { prompt: 9, completion: 6 } }),
      );
    }

    const ask = (): Promise<StreamedAnswer> => streamCompletion(prefilling.url, { prompt: 'Hi' });

    it('goes on from the partial text, though its words are others', async () => {
      await pair();
      second.default({ text: ' onto a green hill', chunks: 3, usage: { prompt: 15, completion: 5 } });
      const answer = await ask();
      const begun = answer.content.slice(0, answer.content.indexOf(' onto'));
      expect(begun.length).toBeGreaterThan(0);
      expect(`${cutText} over`.startsWith(begun)).toBe(true);
      expect(answer).toMatchObject({ content: `${begun} onto a green hill`, done: true, error: undefined });
      expect(answer.chunks.at(-1)).toMatchObject({ recovered: true });
      expect(JSON.stringify(second.calls[0]?.body)).toContain(JSON.stringify(begun));
      expect(second.calls).toHaveLength(1);
    });

    it('goes back to a restart where the vendor refuses to', async () => {
      await pair();
      second.next(status(400));
      second.default({
        text: `${cutText} over the lazy dog`,
        chunks: 6,
        usage: { prompt: 9, completion: 11 },
      });
      const answer = await ask();
      expect(answer).toMatchObject({ content: `${cutText} over the lazy dog`, done: true });
      expect(second.calls).toHaveLength(2);
      expect(JSON.stringify(second.calls[1]?.body)).not.toContain(cutText.slice(0, 9));
    });
  });

  it('counts what a cut answer used', async () => {
    await registerProvider(unrecovering, upstream, { type: 'ANTHROPIC' });
    upstream.default(cutAfter(3, SAID));
    const answer = await streamCompletion(unrecovering.url, { prompt: 'Hi' });
    expect(answer.error).toMatchObject({ attempts: [{ usage: { promptTokens: 9, source: 'estimated' } }] });
  });

  it('bridges silence with comment lines', async () => {
    await registerProvider(service, upstream);
    upstream.default({ answer: SAID, eventDelayMs: 250 });
    const answer = await stream();
    expect(answer.comments).toBeGreaterThanOrEqual(2);
    expect(answer.content).toBe(TEXT);
  });

  it('ends with a deadline error when the request’s own timeout runs out midway', async () => {
    await registerProvider(service, upstream);
    upstream.default(stall({ events: 2 }, SAID));
    const answer = await stream({ timeout: 400 });
    expect(answer.status).toBe(200);
    expect(answer.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', statusCode: 504 });
    expect(answer.done).toBe(false);
    await upstream.lastCall.whenAborted();
  });

  it('aborts the upstream call when the caller hangs up before the first content', async () => {
    await registerProvider(service, upstream);
    upstream.default(stall('after_headers'));
    const caller = new AbortController();
    const gone = streamCompletion(service.url, { prompt: 'Hi' }, undefined, caller.signal);
    const call = await upstream.arrival(1);
    caller.abort();
    await expect(gone).rejects.toThrow();
    await call.whenAborted();
    expect(upstream.calls).toHaveLength(1);
  });

  it('does not read ahead of a slow reader', async () => {
    await registerProvider(service, upstream);
    const megabytes = 64;
    upstream.default({ text: 'x'.repeat(megabytes << 20), chunks: megabytes * 64 });
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const body = JSON.stringify({ prompt: 'Hi', stream: true });
    socket.write(
      `POST /api/ai-providers/complete HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const call = upstream.lastCall;
    // Were the stream read ahead, the upstream would be done within this time: without a reader it takes under a second.
    const finished = await Promise.race([
      call.whenClosed().then(() => true),
      new Promise((resolve) => setTimeout(() => resolve(false), 3_000)),
    ]);
    expect(finished).toBe(false);
    socket.destroy();
    await call.whenClosed();
  }, 30_000);
});
