import { describe, expect, it } from '@jest/globals';
import { discardBody, MAX_BODY_BYTES, openBody, readBodyText, readBodyStart } from './response-body.js';

const textOf = async (response: Response): Promise<string> => readBodyText(await openBody(response));

/** A body of `count` chunks of 1 MiB; `read` tells how many were asked for. */
function body(count: number): { response: Response; read: () => number; cancelled: Promise<void> } {
  let sent = 0;
  let cancel: () => void;
  const cancelled = new Promise<void>((resolve) => (cancel = resolve));
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (sent++ < count) controller.enqueue(new Uint8Array(1024 * 1024));
        else controller.close();
      },
      cancel: () => cancel(),
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(stream), read: () => sent, cancelled };
}

describe('readBodyText', () => {
  it('puts characters together that were split between reads', async () => {
    const bytes = new TextEncoder().encode('{"a":"👋"}');
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await textOf(new Response(stream))).toBe('{"a":"👋"}');
  });

  it('is empty where there is no body', async () => {
    expect(await textOf(new Response(null))).toBe('');
  });

  it('stops at the bound and closes the body', async () => {
    const endless = body(Infinity);
    await expect(textOf(endless.response)).rejects.toMatchObject({ fault: 'malformed' });
    await endless.cancelled;
    expect(endless.read()).toBeLessThanOrEqual(MAX_BODY_BYTES / (1024 * 1024) + 2);
  });
});

describe('readBodyStart', () => {
  it('reads the beginning of a refusal and closes the rest', async () => {
    const endless = body(Infinity);
    expect(await readBodyStart(endless.response, 64 * 1024)).toHaveLength(64 * 1024);
    await endless.cancelled;
    expect(endless.read()).toBeLessThan(4);
  });

  it('gives what had come of a refusal that breaks off', async () => {
    let pulls = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (pulls++ > 0) controller.error(new Error('reset'));
        else controller.enqueue(new TextEncoder().encode('Busy'));
      },
    });
    expect(await readBodyStart(new Response(stream), 99)).toBe('Busy');
  });
});

describe('discardBody', () => {
  it('closes a body of which much is left', async () => {
    const large = body(100);
    discardBody(large.response);
    await large.cancelled;
    expect(large.read()).toBeLessThan(5);
  });
});
