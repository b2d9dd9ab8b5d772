import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** nginx buffers an answer unless this header says not to. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/**
 * Writes server-sent events (WHATWG HTML §9.2) to a response that has been taken over. Writing waits while the reader
 * is slower than the source, so that an answer is never buffered whole, but not forever: one who has stopped reading
 * is cut off. Silence is bridged by a comment line.
 */
export class EventStreamWriter {
  private readonly keepAlive: NodeJS.Timeout;

  /** `response` has sent its head, or will with the first event. */
  constructor(
    private readonly response: ServerResponse,
    keepAliveMs: number,
    /** How long a reader may take nothing before he is cut off. */
    private readonly patienceMs: number,
  ) {
    this.keepAlive = setInterval(() => {
      if (response.writableLength === 0) response.write(': keep-alive\n\n');
    }, keepAliveMs);
  }

  /** Writes events already in wire format. What it gives, if anything, resolves when a slow reader has caught up or is gone. */
  write(events: string): Promise<void> | undefined {
    this.keepAlive.refresh();
    if (this.response.destroyed || this.response.write(events)) return undefined;
    return this.untilDrained();
  }

  /** Ends the response. */
  end(): void {
    clearInterval(this.keepAlive);
    this.response.end();
  }

  private async untilDrained(): Promise<void> {
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    this.response.once('close', onClose);
    const patience = setTimeout(() => this.response.destroy(), this.patienceMs);
    try {
      await once(this.response, 'drain', { signal: gone.signal });
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    } finally {
      clearTimeout(patience);
      this.response.off('close', onClose);
    }
  }
}

/** One event with JSON data, in wire format; JSON has no raw line breaks, so one data line is enough. */
export function dataEvent(data: unknown, event?: string): string {
  const line = `data: ${JSON.stringify(data)}\n\n`;
  return event === undefined ? line : `event: ${event}\n${line}`;
}
