import type { IncomingMessage } from 'node:http';
import { getHeapStatistics } from 'node:v8';

/** Why a body is not read to its end. */
export type BodyFault = 'too-large' | 'too-slow' | 'no-room';

/** A body that is not read to its end. */
export class BodyError extends Error {
  constructor(readonly fault: BodyFault) {
    super(`The body is ${fault}`);
    this.name = 'BodyError';
  }
}

/** Bytes of a body that do no harm, however many callers send such. */
const SMALL_BYTES = 65_536;

/** Whether a request says that its body does no harm. */
export function isSmall({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= SMALL_BYTES;
}

/** What a body costs in memory while its request is served: its text, its values, what is sent to a vendor. */
const MEMORY_TIMES_BODY = 8;

/** Bodies as large as may be that have to fit the memory beside one another. */
const LARGEST_AT_ONCE = 2;

/**
 * How much the bodies of requests may weigh, each and together, so that they fit the memory that the process may have:
 * V8's limit, which `--max-old-space-size` sets and a container's memory lowers.
 */
export class BodyBudget {
  /** For one body. */
  readonly limitBytes: number;
  private readonly totalBytes: number;
  private heldBytes = 0;

  constructor(wantedBytes: number, heapBytes = getHeapStatistics().heap_size_limit) {
    this.totalBytes = Math.floor(heapBytes / MEMORY_TIMES_BODY);
    this.limitBytes = Math.min(wantedBytes, Math.floor(this.totalBytes / LARGEST_AT_ONCE));
  }

  /** Whether there is room for so many bytes more; then they are taken. */
  take(bytes: number): boolean {
    if (this.heldBytes + bytes > this.totalBytes) return false;
    this.heldBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.heldBytes -= bytes;
  }
}

interface ReadOptions {
  budget: BodyBudget;
  timeoutMs: number;
  /** Called with the bytes that the budget is to have back when the request has been served. */
  onHeld: (bytes: number) => void;
}

/**
 * Reads a body whole. It stops at the limit, when the time is over, and when all bodies together are too large; the rest
 * is left in the request.
 */
export function readBody(
  request: IncomingMessage,
  { budget, timeoutMs, onHeld }: ReadOptions,
  done: (error: Error | null, body: Buffer) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > budget.limitBytes) {
    return done(new BodyError('too-large'), Buffer.alloc(0));
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  const end = (error: Error | null): void => {
    clearTimeout(timer);
    request.off('data', take).off('end', finish).off('error', end).off('close', abort);
    if (held > 0) onHeld(held);
    const [only] = chunks;
    done(error, error ? Buffer.alloc(0) : chunks.length === 1 && only ? only : Buffer.concat(chunks, size));
  };
  const finish = (): void => end(null);
  const abort = (): void => end(new Error('The caller hung up'));
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > budget.limitBytes) return end(new BodyError('too-large'));
    const more = size > SMALL_BYTES ? size - held : 0;
    if (!budget.take(more)) return end(new BodyError('no-room'));
    held += more;
    chunks.push(chunk);
  };
  // One that has arrived whole, as nearly all have, needs no timer.
  const timer = request.complete ? undefined : setTimeout(() => end(new BodyError('too-slow')), timeoutMs);
  request.on('data', take).on('end', finish).on('error', end).on('close', abort);
}
