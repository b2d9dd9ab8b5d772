import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FakeAnswer } from '../../fakes/upstream/upstream-script.js';
import {
  answer,
  coded,
  drip,
  malformedEvent,
  raw,
  withoutTerminator,
} from '../../fakes/upstream/upstream-script.js';
import { Bench, callOf, collect, KEY, TEXT, textOf } from './bench.conformance.js';
import type { ConformanceVendor } from './bench.conformance.js';

const USAGE = { prompt: 20, completion: 9, cached: 8 };
const REPORTED = { promptTokens: 20, completionTokens: 9, cachedPromptTokens: 8 };
const TOOL = { name: 'time', arguments: '{"zone":"Europe/Paris"}' };
const EVENT_STREAM = { 'content-type': 'text/event-stream' };

/** What an adapter makes of answers that go well. */
export function describeAnswers(vendor: ConformanceVendor): void {
  describe('answers', () => {
    let bench: Bench;
    beforeAll(async () => (bench = await Bench.start(vendor)));
    afterEach(() => bench.upstream.clear());
    afterAll(() => bench.stop());

    const complete = (said: FakeAnswer) => {
      bench.upstream.next(answer(said));
      return bench.adapter().chat.complete(callOf(vendor), bench.signal);
    };
    const stream = (said: FakeAnswer) => {
      bench.upstream.next(answer(said));
      return collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
    };

    it('reads a whole answer with its usage', async () => {
      const got = await complete({ text: TEXT, usage: USAGE });
      expect(got).toMatchObject({ content: TEXT, finishReason: 'stop', model: vendor.model });
      expect(got.id).toBeTruthy();
      expect(got.rawFinishReason).toBeTruthy();
      expect(got.usage).toMatchObject(REPORTED);
      expect(got.toolCalls).toBeUndefined();
    });

    it('reads a streamed answer with its usage, from start to one finish', async () => {
      const { parts, error } = await stream({ text: TEXT, usage: USAGE });
      expect(error).toBeUndefined();
      expect(parts[0]).toMatchObject({ type: 'start', model: vendor.model });
      expect(textOf(parts)).toBe(TEXT);
      expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop', usage: REPORTED });
      expect(parts.filter(({ type }) => type === 'finish' || type === 'start')).toHaveLength(2);
    });

    it.each(['stop', 'length', 'content_filter', 'tool_calls'] as const)(
      'reads the finish reason %s',
      async (finish) => {
        const said = { finish, ...(finish === 'tool_calls' && { toolCalls: [TOOL] }) };
        expect((await complete(said)).finishReason).toBe(finish);
        const { parts } = await stream(said);
        expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: finish });
      },
    );

    it('reads tool calls, whole and in fragments', async () => {
      const said = { text: '', toolCalls: [TOOL, { ...TOOL, name: 'date' }] };
      const { toolCalls = [] } = await complete(said);
      expect(toolCalls.map(({ name, arguments: json }) => [name, JSON.parse(json) as unknown])).toEqual([
        ['time', { zone: 'Europe/Paris' }],
        ['date', { zone: 'Europe/Paris' }],
      ]);
      expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
      const { parts } = await stream(said);
      const deltas = parts.flatMap((part) => (part.type === 'tool_call' ? [part.delta] : []));
      for (const [index, name] of ['time', 'date'].entries()) {
        const own = deltas.filter((delta) => delta.index === index);
        expect([own[0]?.name, typeof own[0]?.id]).toEqual([name, 'string']);
        expect(JSON.parse(own.map((delta) => delta.arguments).join(''))).toEqual({ zone: 'Europe/Paris' });
      }
    });

    it('keeps reasoning apart from the text', async () => {
      const said = { text: TEXT, reasoning: 'Let me think.' };
      expect(await complete(said)).toMatchObject({ content: TEXT, reasoning: 'Let me think.' });
      const { parts } = await stream(said);
      expect(textOf(parts)).toBe(TEXT);
      expect(parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')).toBe(
        'Let me think.',
      );
    });

    it('never makes 0 of usage that was not reported', async () => {
      const { usage } = await complete({ usage: null });
      expect([usage.promptTokens, usage.completionTokens]).toEqual([undefined, undefined]);
    });

    it.each(vendor.requests)('sends $name', async ({ call, body }) => {
      await bench.adapter().chat.complete(callOf(vendor, call), bench.signal);
      expect(bench.upstream.lastCall.body).toEqual(body);
    });

    it('bears the key in its header and nowhere else', async () => {
      await bench.adapter().chat.complete(callOf(vendor), bench.signal);
      const { headers, path, rawBody } = bench.upstream.lastCall;
      const [name, value] = vendor.keyHeader(KEY);
      expect(Object.entries(headers).filter(([, held]) => String(held).includes(KEY))).toEqual([
        [name, value],
      ]);
      expect(path + rawBody).not.toContain(KEY);
    });

    it('reads a stream that comes three bytes at a time', async () => {
      bench.upstream.next(drip(3, { text: TEXT, usage: USAGE }));
      const { parts } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
      expect(textOf(parts)).toBe(TEXT);
      expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: REPORTED });
    });

    it('hands out the events of one network read together', async () => {
      const whole = await bench.record(answer({ text: TEXT, chunks: 20 }), true);
      bench.upstream.next(raw(whole, EVENT_STREAM));
      const { parts, reads } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
      expect(textOf(parts)).toBe(TEXT);
      expect(reads).toBeLessThan(6);
    });

    it('skips a malformed event where the stream goes on', async () => {
      bench.upstream.next(malformedEvent(1, { text: TEXT }));
      const { parts, error } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
      expect(error).toBeUndefined();
      expect(textOf(parts)).toBe(TEXT);
      expect(parts.filter(({ type }) => type === 'malformed')).toHaveLength(1);
    });

    it('takes a whole answer in JSON for a stream', async () => {
      const whole = await bench.record(answer({ text: TEXT, usage: USAGE }), false);
      bench.upstream.next(raw(whole));
      const { parts } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
      expect(textOf(parts)).toBe(TEXT);
      expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: REPORTED });
    });

    it.each(['gzip', 'deflate', 'raw-deflate', 'br'] as const)('undoes the coding %s', async (coding) => {
      bench.upstream.next(coded(coding, { text: TEXT }), coded(coding, { text: TEXT }));
      expect((await bench.adapter().chat.complete(callOf(vendor), bench.signal)).content).toBe(TEXT);
      expect(textOf((await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal))).parts)).toBe(
        TEXT,
      );
    });

    it.each(['text/plain', 'application/json', 'text/event-stream', ''])(
      'reads JSON and events under the type %p, whichever was asked for',
      async (type) => {
        const said = { text: TEXT, usage: USAGE, toolCalls: [TOOL] };
        for (const streamed of [false, true]) {
          const body = await bench.record(answer(said), streamed);
          const labelled = raw(`\ufeff \r\n${body}`, { 'content-type': type });
          bench.upstream.next(labelled, labelled);
          const plain = await bench.adapter().chat.complete(callOf(vendor), bench.signal);
          expect(plain).toMatchObject({ content: TEXT, finishReason: 'tool_calls', usage: REPORTED });
          expect(plain.toolCalls).toMatchObject([TOOL]);
          const { parts, error } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
          expect([textOf(parts), error]).toEqual([TEXT, undefined]);
          expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool_calls', usage: REPORTED });
        }
      },
    );

    it('names calls without ids by ids that never come twice', async () => {
      const ids = new Set<string>();
      for (const streamed of [false, true]) {
        const body = (await bench.record(answer({ toolCalls: [TOOL, TOOL] }), streamed)).replace(
          /"id":"(?:call|toolu)\w*",?/g,
          '',
        );
        const script = raw(body, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
        bench.upstream.next(script, script);
        for (let time = 0; time < 2; time++) {
          const { toolCalls = [] } = await bench.adapter().chat.complete(callOf(vendor), bench.signal);
          expect(toolCalls).toHaveLength(2);
          for (const { id } of toolCalls) ids.add(id);
        }
      }
      expect(ids.size).toBe(8);
      expect([...ids].every((id) => /^call_[0-9a-f]{32}$/.test(id))).toBe(true);
    });

    it.each([
      { prompt: 2 ** 63, completion: 2 ** 63 },
      { prompt: -7, completion: -7 },
      { prompt: 1.5, completion: 1.5 },
    ])('tells counts that can be none as reported and not known: %j', async (absurd) => {
      const told = { promptTokens: null, completionTokens: null };
      expect((await complete({ usage: absurd })).usage).toMatchObject(told);
      const { parts } = await stream({ usage: absurd });
      expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: told });
    });

    it('uses the connection of a stream again that it left at the finish, with and without a last sentinel', async () => {
      const adapter = bench.adapter();
      for (const script of [withoutTerminator({ text: TEXT }), answer({ text: TEXT })]) {
        // The delay keeps what follows the finish from being there already when the stream is left.
        bench.upstream.next({ ...script, eventDelayMs: 20 });
        const { parts, error } = await collect(adapter.chat.stream(callOf(vendor), bench.signal));
        expect([textOf(parts), error]).toEqual([TEXT, undefined]);
        const { connection } = bench.upstream.lastCall;
        // The rest of the stream is read off behind our back; calls until then go by another connection.
        for (const until = performance.now() + 2_000; performance.now() < until;) {
          await adapter.chat.complete(callOf(vendor), bench.signal);
          if (bench.upstream.lastCall.connection === connection) break;
        }
        expect(bench.upstream.lastCall.connection).toBe(connection);
      }
    });

    it.each(['stall', 'reset', 'cut'] as const)(
      'is done when the finish is known, though a %s follows',
      async (how) => {
        const whole = await bench.record(withoutTerminator({ text: TEXT, usage: USAGE }), true);
        const headers = { ...EVENT_STREAM, 'content-length': String(Buffer.byteLength(whole) + 1_000) };
        bench.upstream.next({ ...raw(whole, headers), fault: { how, at: { events: 4 } } });
        const started = performance.now();
        const { parts, error } = await collect(bench.adapter().chat.stream(callOf(vendor), bench.signal));
        expect(error).toBeUndefined();
        expect(textOf(parts)).toBe(TEXT);
        expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: REPORTED });
        // Nothing but a deadline would end the stall; an immediate end leaves room for a busy machine.
        expect(performance.now() - started).toBeLessThan(1_000);
      },
    );
  });
}
