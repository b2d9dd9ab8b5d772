import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Script } from '../../fakes/upstream/upstream-script.js';
import {
  cutAfter,
  endAfter,
  html,
  malformedBody,
  raw,
  redirect,
  reset,
  status,
  streamError,
} from '../../fakes/upstream/upstream-script.js';
import type { ProviderError } from '../../../src/modules/ai-providers/errors/provider.error.js';
import type { ProviderCall } from '../../../src/modules/ai-providers/interfaces/ai-adapter.interface.js';
import type { Fault } from '../../../src/modules/ai-providers/interfaces/attempt.interface.js';
import { Bench, callOf, collect, failureOf, KEY, TEXT, textOf } from './bench.conformance.js';
import type { Collected, ConformanceVendor } from './bench.conformance.js';

const BEFORE_CONTENT: [name: string, script: Script, fault: Fault][] = [
  ['a 400', status(400), 'invalid_request'],
  ['a 400 about the context', status(400, { reason: 'context_length' }), 'context_length'],
  ['a 401', status(401), 'authentication'],
  ['a 403', status(403), 'authentication'],
  ['a 404', status(404), 'model_not_found'],
  ['a 408', status(408), 'server_error'],
  ['a 409', status(409), 'server_error'],
  ['a 413', status(413), 'invalid_request'],
  ['a 422', status(422), 'invalid_request'],
  ['a 429', status(429), 'rate_limited'],
  ['a 500', status(500), 'server_error'],
  ['a 502 in HTML', html(502), 'server_error'],
  ['a 503', status(503), 'server_error'],
  ['a 503 without a body', status(503, { body: '' }), 'server_error'],
  ['a 504', status(504), 'timeout'],
  ['a 529', status(529), 'server_error'],
  ['a redirect', redirect('http://127.0.0.1:9/elsewhere'), 'server_error'],
  ['HTML under 200', raw('<html></html>', { 'content-type': 'text/html' }), 'malformed'],
  ['JSON that breaks off', malformedBody(), 'malformed'],
  ['JSON of another form', raw('{"hello":"world"}'), 'malformed'],
  ['an array', raw('[]'), 'malformed'],
  ['an empty body', raw(''), 'malformed'],
  ['a reset before the header', reset('before_headers'), 'connection'],
  ['a reset after the header', reset('after_headers'), 'connection'],
];

/** As Groq says it. */
const ACCOUNT_LIMIT = {
  message:
    'Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 14368, please reduce your message size and try again.',
  type: 'tokens',
  code: 'rate_limit_exceeded',
};

/** What an adapter makes of everything that goes wrong. */
export function describeFaults(vendor: ConformanceVendor): void {
  describe('faults', () => {
    let bench: Bench;
    beforeAll(async () => (bench = await Bench.start(vendor)));
    afterEach(() => bench.upstream.clear());
    afterAll(() => bench.stop());

    const complete = (script: Script): Promise<ProviderError> => {
      bench.upstream.next(script);
      return failureOf(bench.adapter().chat.complete(callOf(vendor), bench.signal));
    };
    const stream = (script: Script): Promise<Collected> => {
      bench.upstream.next(script);
      return collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
    };
    const refusals = vendor.refusals.map(({ name, script, fault }) => [name, script, fault] as const);

    it.each([...BEFORE_CONTENT, ...refusals])(
      'calls %s what it is, plain and streamed',
      async (_name, script, fault) => {
        const plain = await complete(script);
        const { parts, error } = await stream(script);
        expect([plain.fault, error?.fault]).toEqual([fault, fault]);
        expect(parts).toEqual([]);
        expect(plain.message).not.toMatch(/<\w|undefined|\[object/);
        if (script.status !== undefined)
          expect([plain.status, error?.status]).toEqual([script.status, script.status]);
        expect(bench.upstream.calls).toHaveLength(2);
      },
    );

    it("passes on the vendor's own words", async () => {
      expect((await complete(status(400, { message: 'Do not ask this.' }))).message).toBe('Do not ask this.');
    });

    it.each([
      ['a list', [{ error: { message: 'Too odd.' } }], 'Too odd.'],
      ['a text', 'Too odd for me.', 'Too odd for me.'],
      ['an object', { detail: [{ loc: ['body', 'top_k'], msg: 'Too odd.' }] }, 'Too odd. (top_k)'],
      [
        'JSON in a text',
        { error: { message: JSON.stringify({ error: { message: 'Too odd.' } }) } },
        'Too odd.',
      ],
      ['nothing', '', 'The provider answered 422.'],
      ['a page', '<html><title>Oops</title><p>x</p></html>', 'The provider answered 422 (Oops).'],
    ])('finds the words in %s, plain and streamed', async (_form, body, expected) => {
      const script = status(422, { body: typeof body === 'string' ? body : JSON.stringify(body) });
      expect(await complete(script)).toMatchObject({ fault: 'invalid_request', message: expected });
      expect((await stream(script)).error?.message).toBe(expected);
    });

    it('reads no more than the beginning of an error', async () => {
      const script = status(400, { body: JSON.stringify({ error: { message: 'a'.repeat(3_000_000) } }) });
      const error = await complete(script);
      expect(error.fault).toBe('invalid_request');
      expect(error.message.length).toBeLessThanOrEqual(500);
    });

    it('takes a mistake of our own code for no fault of the vendor, plain and streamed', async () => {
      const adapter = bench.adapter();
      const odd = callOf(vendor, { messages: [null] as unknown as ProviderCall['messages'] });
      const plain = await failureOf(adapter.chat.complete(odd, bench.signal));
      expect([plain.fault, plain.cause]).toEqual(['internal', expect.any(TypeError)]);
      expect((await collect(adapter.chat.stream(odd, bench.signal))).error?.fault).toBe('internal');
      expect(bench.upstream.calls).toHaveLength(0);
    });

    it.each([
      ['a limit of the account', 413, ACCOUNT_LIMIT, 'account_limit'],
      ['a verdict under 403', 403, { message: 'Your input was flagged by moderation' }, 'content_filter'],
      ['a verdict under 451', 451, { message: 'x', code: 'content_policy_violation' }, 'content_filter'],
      ['a prompt too long', 422, { message: 'Prompt exceeds max length' }, 'context_length'],
      [
        'a prompt too long under 500',
        500,
        { message: 'the input length exceeds the context length' },
        'context_length',
      ],
      [
        'a part of the request under 404',
        404,
        { message: 'No such thing', param: 'tools' },
        'invalid_request',
      ],
    ] as const)('understands %s by its words, plain and streamed', async (_what, code, error, fault) => {
      const wrapped = {
        error: { message: 'Provider returned error', metadata: { raw: JSON.stringify({ error }) } },
      };
      for (const body of [{ error }, wrapped]) {
        const script = status(code, { body: JSON.stringify(body) });
        expect([(await complete(script)).fault, (await stream(script)).error?.fault]).toEqual([fault, fault]);
      }
    });

    it('names no host of a vendor that cannot be reached', async () => {
      const refused = bench.adapter();
      await bench.upstream.refuseConnections();
      const { message } = await failureOf(refused.chat.complete(callOf(vendor), bench.signal));
      await bench.upstream.acceptConnections();
      expect(message).not.toMatch(/127\.0\.0\.1|:\d/);
    });

    it("takes a 504 for the vendor's own timeout", async () => {
      expect(await complete(status(504))).toMatchObject({ fault: 'timeout', phase: 'gateway', status: 504 });
    });

    it('says how long the vendor asks to wait', async () => {
      const inHalfAMinute = new Date(Date.now() + 30_000).toUTCString();
      expect((await complete(status(429, { retryAfter: '7' }))).retryAfterMs).toBe(7_000);
      expect((await complete(status(429, { retryAfterMs: '120' }))).retryAfterMs).toBe(120);
      const wait = (await complete(status(429, { retryAfter: inHalfAMinute }))).retryAfterMs;
      expect(wait).toBeGreaterThan(27_000);
      expect(wait).toBeLessThanOrEqual(30_000);
      expect((await complete(status(429))).retryAfterMs).toBeUndefined();
    });

    it.each([
      ['cut', cutAfter(2, { text: TEXT }), ['connection', 'truncated']],
      ['ended early', endAfter(2, { text: TEXT }), ['truncated']],
      ['reset', reset({ events: 2 }, { text: TEXT }), ['connection']],
      ["broken by the vendor's error", streamError(2, { text: TEXT }), ['server_error']],
    ])('gives what came before a stream was %s, then fails', async (_how, script, faults) => {
      const { parts, error } = await stream(script);
      expect(TEXT.startsWith(textOf(parts))).toBe(true);
      expect(textOf(parts)).not.toBe('');
      expect(parts.some(({ type }) => type === 'finish')).toBe(false);
      expect(faults).toContain(error?.fault);
    });

    it.each([
      ['an empty stream', ''],
      ['a stream of comments', ': ping\n\n: ping\n\n'],
      ['a stream of nonsense', 'data: nonsense\n\ndata: {}\n\n'],
    ])('calls %s truncated', async (_name, body) => {
      const { parts, error } = await stream(raw(body, { 'content-type': 'text/event-stream' }));
      expect(error?.fault).toBe('truncated');
      expect(parts.every(({ type }) => ['malformed', 'alive', 'sign_of_life'].includes(type))).toBe(true);
    });

    it('calls a plain answer that was cut a failed connection', async () => {
      expect((await complete(cutAfter(2))).fault).toBe('connection');
    });

    it("maps the vendor's error under a 200", async () => {
      bench.upstream.next(status(500));
      const adapter = bench.adapter();
      await failureOf(adapter.chat.complete(callOf(vendor), bench.signal));
      const { path } = bench.upstream.lastCall;
      bench.upstream.next(status(500));
      const headers = { 'anthropic-version': '2023-06-01' };
      const sent = { method: 'POST', body: '{}', ...(path.includes('/messages') && { headers }) };
      const body = await (await fetch(bench.upstream.url + path, sent)).text();
      expect((await complete(raw(body))).fault).toBe('server_error');
      expect((await stream(raw(body))).error?.fault).toBe('server_error');
    });

    it('shows the key in no error, whatever the vendor echoes', async () => {
      const message = `The key "${KEY}" is wrong, Bearer ${KEY} was sent`;
      const body = JSON.stringify({ error: { message, code: 401, status: 'UNAUTHENTICATED', type: 'x' } });
      for (const script of [status(401, { message }), status(500, { body: message }), raw(body)]) {
        const error = await complete(script);
        expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain(KEY);
      }
    });

    it.each([
      'ECONNREFUSED',
      'ETIMEDOUT',
      'UND_ERR_SOCKET',
      'ABORT_ERR',
      'AbortError',
      'constructor',
      '__proto__',
    ])("takes a vendor's own word %s for no fault of the network", async (word) => {
      const error = `{"message":"Bad.","code":"${word}","type":"${word}","name":"${word}","status":"${word}"}`;
      const script = status(400, { body: `{"error":${error},"code":"${word}","name":"${word}"}` });
      expect(await complete(script)).toMatchObject({ fault: 'invalid_request', status: 400 });
      expect((await stream(script)).error).toMatchObject({ fault: 'invalid_request', status: 400 });
      const event = raw(`event: error\ndata: {"type":"error","error":${error}}\n\n`, {
        'content-type': 'text/event-stream',
      });
      expect((await stream(event)).error?.fault).toBe('server_error');
    });

    it('names a key that no header can hold, without showing it', async () => {
      const key = 'schlüssel\n-0123456789';
      const error = await failureOf(bench.adapter({ key }).chat.complete(callOf(vendor), bench.signal));
      expect(error.fault).toBe('authentication');
      expect(inspect(error, { depth: 10 })).not.toContain('0123456789');
      expect(bench.upstream.calls).toHaveLength(0);
    });

    it('tells no connection in time from a refused one and from a forbidden address', async () => {
      const { port } = new URL(bench.endpoint);
      const unknown = bench.endpoint.replace('127.0.0.1', 'slow.example').replace(port, '81');
      const late = bench.adapter({ endpoint: unknown, silentDns: true });
      expect(await failureOf(late.chat.complete(callOf(vendor), bench.signal))).toMatchObject({
        fault: 'timeout',
        phase: 'connect',
      });
      const forbidden = bench.adapter({ production: true });
      expect((await failureOf(forbidden.chat.complete(callOf(vendor), bench.signal))).fault).toBe(
        'egress_refused',
      );
      const refused = bench.adapter();
      await bench.upstream.refuseConnections();
      expect((await failureOf(refused.chat.complete(callOf(vendor), bench.signal))).fault).toBe('connection');
      expect((await failureOf(refused.probe(bench.signal))).fault).toBe('connection');
      await bench.upstream.acceptConnections();
    });
  });
}
