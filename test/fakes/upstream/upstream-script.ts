/** Tokens in our words: `prompt` includes cached ones, `completion` includes reasoning; each dialect writes them its way. */
export interface FakeUsage {
  prompt: number;
  completion: number;
  cached?: number;
  cacheWrite?: number;
  /** Of `cacheWrite`, what is written for an hour. */
  cacheWrite1h?: number;
  reasoning?: number;
}

export interface FakeToolCall {
  name: string;
  /** JSON text. */
  arguments: string;
}

/** What the vendor says when nothing goes wrong. */
export interface FakeAnswer {
  text?: string;
  /** Into how many content events a stream cuts the text; 4 unless said. */
  chunks?: number;
  reasoning?: string;
  toolCalls?: FakeToolCall[];
  finish?: 'stop' | 'length' | 'content_filter' | 'tool_calls';
  /** Null: the vendor reports none. Unset: counted at four characters a token. */
  usage?: FakeUsage | null;
  model?: string;
}

/** A moment in an answer: `events` counts events that bear content (a plain body has four pieces). */
export type FaultPoint = 'before_headers' | 'after_headers' | { events: number };

/**
 * `reset`: TCP RST. `stall`: silence with the connection open. `cut`: FIN without the end of the HTTP message. `end`: the
 * HTTP message ends properly, the vendor's own ending is missing.
 */
export interface Fault {
  how: 'reset' | 'stall' | 'cut' | 'end';
  at: FaultPoint;
}

/** Which of a vendor's error bodies is meant where one status has several. */
export type ErrorReason = 'context_length' | 'quota' | 'bad_key' | 'content_filter' | 'model';

/** How one request is answered. */
export interface Script {
  answer?: FakeAnswer;
  /** Milliseconds before the header, and between two events. */
  delayMs?: number;
  eventDelayMs?: number;
  /** An error of the vendor's own shape, unless `body` is given. */
  status?: number;
  reason?: ErrorReason;
  message?: string;
  headers?: Record<string, string>;
  /** Sent as it is in place of the answer. */
  body?: string;
  fault?: Fault;
  /** A text put into the stream as an event of its own after so many content events. */
  inject?: { events: number; raw: 'malformed' | 'vendor_error' | { text: string } };
  /** Leaves out the last event of the stream: `[DONE]`, `message_stop`. */
  withoutTerminator?: boolean;
  /** Cuts everything into pieces of so many bytes, each a write of its own. */
  dripBytes?: number;
  /** Compresses the answer; `content-encoding` tells so unless the headers say otherwise. */
  coding?: ContentCoding;
}

/** `raw-deflate` is `deflate` without zlib's frame, as some servers send it. */
export type ContentCoding = 'gzip' | 'deflate' | 'raw-deflate' | 'br';

/** The whole answer, well. */
export const answer = (said: FakeAnswer = {}): Script => ({ answer: said });

/** TCP reset. */
export const reset = (at: FaultPoint = 'before_headers', said?: FakeAnswer): Script => ({
  answer: said,
  fault: { how: 'reset', at },
});

/** Silence from that moment on, until the client goes or the upstream is stopped. */
export const stall = (at: FaultPoint = 'before_headers', said?: FakeAnswer): Script => ({
  answer: said,
  fault: { how: 'stall', at },
});

/** FIN after so many content events, without HTTP's last chunk. */
export const cutAfter = (events: number, said?: FakeAnswer): Script => ({
  answer: said,
  fault: { how: 'cut', at: { events } },
});

/** A proper end of HTTP after so many content events, without the vendor's finish reason and terminator. */
export const endAfter = (events: number, said?: FakeAnswer): Script => ({
  answer: said,
  fault: { how: 'end', at: { events } },
});

/** All of it, finish reason and usage included, but the last sentinel. */
export const withoutTerminator = (said?: FakeAnswer): Script => ({ answer: said, withoutTerminator: true });

/** Every byte on its own, or `bytes` at a time. */
export const drip = (bytes = 1, said?: FakeAnswer): Script => ({ answer: said, dripBytes: bytes });

/** The whole answer, compressed. */
export const coded = (coding: ContentCoding, said?: FakeAnswer): Script => ({ answer: said, coding });

/** A vendor's error. `retryAfter` is the header as it stands: seconds or an HTTP date. */
export const status = (
  code: number,
  more: {
    retryAfter?: string;
    retryAfterMs?: string;
    headers?: Record<string, string>;
    reason?: ErrorReason;
    message?: string;
    body?: string;
  } = {},
): Script => ({
  status: code,
  reason: more.reason,
  message: more.message,
  body: more.body,
  headers: {
    ...(more.retryAfter !== undefined && { 'retry-after': more.retryAfter }),
    ...(more.retryAfterMs !== undefined && { 'retry-after-ms': more.retryAfterMs }),
    ...more.headers,
  },
});

/** What a load balancer says in the vendor's place. */
export const html = (code = 502): Script => ({
  status: code,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<html><head><title>${code}</title></head><body><center><h1>${code}</h1></center><hr>nginx</body></html>`,
});

export const redirect = (location: string, code = 302): Script => ({
  status: code,
  headers: { location },
  body: '',
});

/** Any body under 200, `application/json` unless the headers say otherwise. */
export const raw = (body: string, headers: Record<string, string> = {}): Script => ({
  body,
  headers: { 'content-type': 'application/json', ...headers },
});

/** JSON that breaks off; a stream gets one unreadable event and goes on. */
export const malformedBody = (): Script => raw('{"id":"broken","choices":[{"mess');

/** An event that is no JSON after so many content events; the stream goes on. */
export const malformedEvent = (events = 1, said?: FakeAnswer): Script => ({
  answer: said,
  inject: { events, raw: 'malformed' },
});

/** The vendor's own error event in the middle of a stream, which ends there. */
export const streamError = (events = 1, said?: FakeAnswer): Script => ({
  answer: said,
  inject: { events, raw: 'vendor_error' },
  fault: { how: 'end', at: { events } },
});

/** An answer of about so many bytes. */
export const huge = (bytes: number): Script => ({
  answer: { text: 'x'.repeat(bytes), chunks: Math.max(4, Math.ceil(bytes / 4096)) },
});
