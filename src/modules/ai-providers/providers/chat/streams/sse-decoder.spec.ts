import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Stream } from 'openai/streaming';
import { SseDecoder } from './sse-decoder.js';
import type { SseEvent } from './stream-reader.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The bytes in pieces, cut at the given places. */
function split(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

function decode(pieces: Uint8Array[], decoder = new SseDecoder()): SseEvent[] {
  const events = [...pieces.flatMap((piece) => decoder.feed(piece)), ...decoder.flush()];
  return events.map(({ event, data }) => ({ event, data }));
}

const json = fc.json({ maxDepth: 2 }).map((text) => ({ choices: [], value: JSON.parse(text) as unknown }));
const stream = fc
  .array(fc.record({ payload: json, newline: fc.constantFrom('\n', '\r\n'), comment: fc.boolean() }), {
    maxLength: 8,
  })
  .map((events) =>
    events
      .map(
        ({ payload, newline, comment }) =>
          `${comment ? `: ping${newline}${newline}` : ''}data: ${JSON.stringify(payload)}${newline}${newline}`,
      )
      .join(''),
  );

describe('SseDecoder', () => {
  it('gives the same events however the bytes are split', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), (text, cuts) => {
        const bytes = encode(text);
        expect(decode(split(bytes, cuts))).toEqual(decode([bytes]));
      }),
    );
  });

  it("reads what OpenAI's own SDK reads from the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat()), async (text, cuts) => {
        const pieces = split(encode(text), cuts).filter(({ length }) => length > 0);
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            pieces.forEach((piece) => controller.enqueue(piece));
            controller.close();
          },
        });
        const theirs: unknown[] = [];
        for await (const chunk of Stream.fromSSEResponse(new Response(body), new AbortController())) {
          theirs.push(chunk);
        }
        expect(decode(pieces).map(({ data }) => JSON.parse(data) as unknown)).toEqual(theirs);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps a character together that was split between two reads', () => {
    const bytes = encode('data: 👋\n\n');
    expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([{ event: undefined, data: '👋' }]);
  });

  it('names events, joins data lines and drops a byte order mark', () => {
    expect(decode([encode('\uFEFFevent: error\nid: 1\ndata: a\ndata: b\n\n')])).toEqual([
      { event: 'error', data: 'a\nb' },
    ]);
  });

  it('keeps the last event where the body ends without an empty line', () => {
    expect(decode([encode('data: a\n\ndata: b')]).map(({ data }) => data)).toEqual(['a', 'b']);
  });

  it('throws malformed for an event that grows beyond the bound', () => {
    const decoder = new SseDecoder(100);
    decoder.feed(encode(`data: ${'x'.repeat(80)}`));
    expect(() => decoder.feed(encode('x'.repeat(80)))).toThrow(
      expect.objectContaining({ fault: 'malformed' }),
    );
  });
});
