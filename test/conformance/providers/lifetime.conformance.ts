import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LLMock } from '@copilotkit/aimock';
import fc from 'fast-check';
import { answer, stall, status } from '../../fakes/upstream/upstream-script.js';
import type { StreamPart } from '../../../src/modules/ai-providers/interfaces/ai-adapter.interface.js';
import { EventStream } from '../../../src/modules/ai-providers/providers/chat/streams/event-stream.js';
import { openBody } from '../../../src/modules/ai-providers/providers/wire/response-body.js';
import { Bench, callOf, collect, failureOf, TEXT, textOf } from './bench.conformance.js';
import type { ConformanceVendor } from './bench.conformance.js';

/** Contract §3: an abort reaches the upstream within this. */
const ABORT_MS = 100;

/** Aborts, probes and the closing of an adapter. */
export function describeLifetime(vendor: ConformanceVendor): void {
  describe('lifetime', () => {
    let bench: Bench;
    beforeAll(async () => (bench = await Bench.start(vendor)));
    afterEach(() => bench.upstream.clear());
    afterAll(() => bench.stop());

    /** Milliseconds from `leave` until the upstream saw the client go. */
    async function upstreamSees(leave: () => unknown): Promise<number> {
      const left = performance.now();
      leave();
      return (await bench.upstream.lastCall.whenAborted()) - left;
    }

    it('closes the upstream of a plain call that is aborted', async () => {
      const took = await quickest(async () => {
        bench.upstream.next(stall());
        const abort = new AbortController();
        const failure = failureOf(bench.adapter().chat.complete(callOf(vendor), abort.signal));
        await bench.upstream.arrival(bench.upstream.calls.length + 1);
        const seen = await upstreamSees(() => abort.abort());
        expect((await failure).fault).toBe('aborted');
        return seen;
      });
      expect(took).toBeLessThan(ABORT_MS);
    });

    it.each(['after_headers', { events: 2 }] as const)(
      'closes the upstream of a stream aborted at %j',
      async (at) => {
        const took = await quickest(async () => {
          bench.upstream.next(stall(at, { text: TEXT }));
          const abort = new AbortController();
          const reading = collect(bench.adapter().chat.stream(callOf(vendor), abort.signal));
          await bench.upstream.arrival(bench.upstream.calls.length + 1);
          const seen = await upstreamSees(() => abort.abort());
          expect((await reading).error?.fault).toBe('aborted');
          return seen;
        });
        expect(took).toBeLessThan(ABORT_MS);
      },
    );

    it('closes the upstream of a stream that is left early', async () => {
      const took = await quickest(async () => {
        bench.upstream.next(stall({ events: 2 }, { text: TEXT }));
        const parts = bench.adapter().chat.stream(callOf(vendor), bench.signal)[Symbol.asyncIterator]();
        await parts.next();
        return upstreamSees(() => parts.return?.());
      });
      expect(took).toBeLessThan(ABORT_MS);
    });

    it('sends nothing for a signal that is aborted already', async () => {
      const gone = AbortSignal.abort();
      const adapter = bench.adapter();
      expect((await failureOf(adapter.chat.complete(callOf(vendor), gone))).fault).toBe('aborted');
      expect((await collect(adapter.chat.stream(callOf(vendor), gone))).error?.fault).toBe('aborted');
      expect((await failureOf(adapter.probe(gone))).fault).toBe('aborted');
      expect(bench.upstream.calls).toHaveLength(0);
    });

    it('probes without spending a token', async () => {
      await bench.adapter().probe(bench.signal);
      expect(bench.upstream.calls.map(({ method }) => method)).toEqual(['GET']);
    });

    it.each([
      [401, 'authentication'],
      [403, 'authentication'],
      [503, 'server_error'],
    ])('fails a probe that is answered %s', async (code, fault) => {
      bench.upstream.nextGet(status(code));
      expect((await failureOf(bench.adapter().probe(bench.signal))).fault).toBe(fault);
    });

    it('ends calls in flight before it closes', async () => {
      bench.upstream.next({ ...answer({ text: TEXT }), delayMs: 50 });
      const adapter = bench.adapter();
      const running = adapter.chat.complete(callOf(vendor), bench.signal);
      await bench.upstream.arrival(1);
      await adapter.close();
      expect((await running).content).toBe(TEXT);
      expect((await failureOf(adapter.chat.complete(callOf(vendor), bench.signal))).fault).toBe('connection');
    });

    it('gives the same parts however the bytes are split', async () => {
      const text = await bench.record(answer({ text: TEXT, reasoning: 'Hm.', chunks: 6 }), true);
      const bytes = new TextEncoder().encode(text);
      const read = async (cuts: number[]): Promise<StreamPart[]> => {
        const { chunks } = await openBody(splitResponse(bytes, cuts));
        return (await collect(new EventStream(chunks, vendor.createReader()))).parts;
      };
      const expected = await read([]);
      expect(textOf(expected)).toBe(TEXT);
      const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 });
      await fc.assert(fc.asyncProperty(cuts, async (at) => expect(await read(at)).toEqual(expected)));
    });

    it("speaks with another party's mock of the vendor", async () => {
      const mock = new LLMock({ port: 0 });
      mock.onMessage('Hi', { content: TEXT });
      await mock.start();
      const adapter = bench.adapter({ endpoint: vendor.endpoint(mock.url) });
      try {
        expect(await adapter.chat.complete(callOf(vendor), bench.signal)).toMatchObject({
          content: TEXT,
          finishReason: 'stop',
        });
        const { parts, error } = await collect(adapter.chat.stream(callOf(vendor), bench.signal));
        expect(error).toBeUndefined();
        expect(textOf(parts)).toBe(TEXT);
        expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
        mock.nextRequestError(429, { message: 'Slow down' });
        const refused = await failureOf(adapter.chat.complete(callOf(vendor), bench.signal));
        expect(refused).toMatchObject({ fault: 'rate_limited', status: 429 });
      } finally {
        await adapter.close();
        await mock.stop();
      }
    });
  });
}

/** The quickest of up to five runs, one fast enough being enough: a machine with too much to do must not fail a promise. */
async function quickest(run: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let tries = 0; tries < 5 && best >= ABORT_MS; tries++) best = Math.min(best, await run());
  return best;
}

/** A response whose body comes in the pieces that the cuts make. */
function splitResponse(bytes: Uint8Array, cuts: number[]): Response {
  const places = [...new Set(cuts)].sort((a, b) => a - b);
  const pieces = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      pieces.filter(({ length }) => length > 0).forEach((piece) => controller.enqueue(piece));
      controller.close();
    },
  });
  return new Response(body);
}
