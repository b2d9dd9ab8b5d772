import { describe, expect, it } from '@jest/globals';
import type { StreamPart } from '../interfaces/ai-adapter.interface.js';
import { EventStream, FINISH_HOLD_MS, FINISH_HOLD_TOTAL_MS, partsOfAnswer } from './event-stream.js';
import { CUSTOM_DIALECT } from './custom/custom.dialect.js';
import { ChatStreamReader } from './openai/stream-reader.js';

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
  for await (const read of new EventStream(feed.response, new ChatStreamReader(CUSTOM_DIALECT)))
    all.push(...read);
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
    const reading = new EventStream(feed.response, new ChatStreamReader(CUSTOM_DIALECT));
    expect((await reading.next()).value).toContainEqual({ type: 'text', text: 'Hello' });
    await expect(reading.next()).rejects.toMatchObject({ fault: 'server_error', message: 'Busy' });
  });

  it('closes the body when it is left before the finish', async () => {
    const feed = new Feed().send(SAID);
    const reading = new EventStream(feed.response, new ChatStreamReader(CUSTOM_DIALECT));
    await reading.next();
    await reading.return();
    expect(feed.cancelled).toBe(true);
  });
});

describe('partsOfAnswer', () => {
  it('says everything that the answer says', () => {
    const call = { id: 'c', name: 'f', arguments: '{}' };
    const usage = { promptTokens: 1 };
    const answer = { id: 'i', model: 'm', content: 'x', reasoning: 'r', toolCalls: [call], usage };
    expect(partsOfAnswer({ ...answer, finishReason: 'stop', rawFinishReason: 'end' })).toEqual([
      { type: 'start', id: 'i', model: 'm' },
      { type: 'reasoning', text: 'r' },
      { type: 'text', text: 'x' },
      { type: 'tool_call', delta: { index: 0, ...call } },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'end', usage },
    ]);
  });
});
