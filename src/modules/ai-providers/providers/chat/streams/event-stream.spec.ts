import { describe, expect, it } from '@jest/globals';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { EventStream } from './event-stream.js';
import { PATIENCE } from './held-source.js';
import { CUSTOM_DIALECT } from '../../openai/chat/chat.dialect.js';
import { ChatStreamReader } from '../../openai/chat/stream-reader.js';

const { silenceMs: FINISH_HOLD_MS, totalMs: FINISH_HOLD_TOTAL_MS } = PATIENCE.usage_due;

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const SAID = event({ id: 'x', choices: [{ delta: { content: 'Hello' } }] });
const FINISHED = event({ id: 'x', choices: [{ delta: {}, finish_reason: 'stop' }] });
const USAGE = event({ id: 'x', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } });

/** A body that a test feeds while it is being read. */
class Feed {
  readonly response: Response;
  cancelled = false;
  private controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => (this.controller = controller),
      cancel: () => {
        this.cancelled = true;
      },
    });
    this.response = new Response(body);
  }

  stream(): EventStream {
    const chunks = (this.response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    return new EventStream(chunks, new ChatStreamReader(CUSTOM_DIALECT, { messages: [] }));
  }

  send(...texts: string[]): this {
    texts.forEach((text) => this.controller.enqueue(new TextEncoder().encode(text)));
    return this;
  }

  end(): this {
    this.controller.close();
    return this;
  }

  break(): this {
    this.controller.error(new Error('reset'));
    return this;
  }
}

async function parts(feed: Feed): Promise<StreamPart[]> {
  const all: StreamPart[] = [];
  for await (const read of feed.stream()) all.push(...read);
  return all;
}

describe('EventStream', () => {
  it('waits for the usage that follows the finish reason', async () => {
    const feed = new Feed().send(SAID, FINISHED);
    const reading = parts(feed);
    setTimeout(() => feed.send(USAGE), FINISH_HOLD_MS / 5);
    expect((await reading).at(-1)).toMatchObject({ type: 'finish', usage: { promptTokens: 3 } });
  });

  it('finishes after a bounded silence where no usage comes and the stream stays open', async () => {
    const started = performance.now();
    const all = await parts(new Feed().send(SAID, FINISHED));
    const took = performance.now() - started;
    expect(all.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop', usage: {} });
    expect(took).toBeGreaterThanOrEqual(FINISH_HOLD_MS - 5);
    expect(took).toBeLessThan(FINISH_HOLD_MS * 3);
  });

  it('does not let keep-alives draw the wait out', async () => {
    const feed = new Feed().send(SAID, FINISHED);
    const pings = setInterval(() => feed.send(': ping\n\n'), FINISH_HOLD_MS / 5);
    const started = performance.now();
    try {
      expect((await parts(feed)).at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
    } finally {
      clearInterval(pings);
    }
    expect(performance.now() - started).toBeLessThan(FINISH_HOLD_TOTAL_MS * 1.5);
  });

  it('takes a body that breaks after the finish reason for a whole answer', async () => {
    const feed = new Feed().send(SAID, FINISHED);
    const reading = parts(feed);
    setImmediate(() => feed.break());
    expect((await reading).at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  });

  it("takes the vendor's error after the finish reason for a whole answer", async () => {
    const failed = event({ error: { message: 'late' } });
    expect((await parts(new Feed().send(SAID, FINISHED, failed).end())).at(-1)).toMatchObject({
      type: 'finish',
    });
  });

  it('finishes by a last event that no empty line closes', async () => {
    const all = await parts(new Feed().send(SAID, FINISHED.trimEnd()).end());
    expect(all.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  });

  it('calls a last event that is cut within its JSON a cut answer', async () => {
    const feed = new Feed().send(SAID, FINISHED.slice(0, -20)).end();
    await expect(parts(feed)).rejects.toMatchObject({ fault: 'truncated' });
  });

  it('hands out what came in the same read before an error, then throws it', async () => {
    const feed = new Feed().send(SAID + event({ error: { message: 'Busy', code: 503 } }));
    const reading = feed.stream();
    expect((await reading.next()).value).toContainEqual({ type: 'text', text: 'Hello' });
    await expect(reading.next()).rejects.toMatchObject({ fault: 'server_error', message: 'Busy' });
  });

  it('closes the body when it is left before the finish', async () => {
    const feed = new Feed().send(SAID);
    const reading = feed.stream();
    await reading.next();
    await reading.return();
    expect(feed.cancelled).toBe(true);
  });

  it('takes the end back when content follows, however often, and waits anew', async () => {
    const feed = new Feed().send(SAID, FINISHED);
    const reading = parts(feed);
    let sent = 0;
    const more = setInterval(() => {
      if (++sent < 6) feed.send(SAID + FINISHED);
      else feed.send(USAGE, 'data: [DONE]\n\n');
    }, FINISH_HOLD_MS * 0.45);
    try {
      const all = await reading;
      expect(all.filter(({ type }) => type === 'text')).toHaveLength(6);
      expect(all.at(-1)).toMatchObject({ type: 'finish', usage: { promptTokens: 3 } });
    } finally {
      clearInterval(more);
    }
  });

  it('ends soon after an end with usage where the stream stays open', async () => {
    const started = performance.now();
    expect((await parts(new Feed().send(SAID, FINISHED, USAGE))).at(-1)).toMatchObject({
      type: 'finish',
      usage: { promptTokens: 3 },
    });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('takes content behind an end with usage for part of the answer', async () => {
    const all = await parts(new Feed().send(SAID, FINISHED, USAGE, SAID, FINISHED, USAGE).end());
    expect(all.filter(({ type }) => type === 'text')).toHaveLength(2);
    expect(all.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it('calls an answer cut that breaks off though each of its pieces said stop', async () => {
    const piece = event({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] });
    const feed = new Feed().send(piece, piece);
    const reading = parts(feed);
    setImmediate(() => feed.break());
    await expect(reading).rejects.toThrow('reset');
    expect((await parts(new Feed().send(piece, piece).end())).at(-1)).toMatchObject({ type: 'finish' });
  });
});
