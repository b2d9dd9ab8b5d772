/** How much of a finished stream's rest is read off to keep its connection: what follows a finish is a few hundred bytes. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1_000;

type Chunks = AsyncIterator<Uint8Array>;

/**
 * Lets go of a body in the background. With `keep`, up to 64 KiB within a second are read off so that the connection
 * is used again; without it, or beyond that, the stream is closed. Never throws: the rest is not awaited.
 */
export function drain(
  chunks: Chunks,
  pending: Promise<IteratorResult<Uint8Array>> | undefined,
  keep: boolean,
): void {
  if (keep) void readOff(chunks, pending);
  else close(chunks);
}

async function readOff(
  chunks: Chunks,
  pending: Promise<IteratorResult<Uint8Array>> | undefined,
): Promise<void> {
  const timer = setTimeout(close, DRAIN_MS, chunks);
  timer.unref();
  let left = DRAIN_BYTES;
  try {
    for (let chunk = await (pending ?? chunks.next()); !chunk.done; chunk = await chunks.next()) {
      left -= chunk.value.byteLength;
      if (left < 0) {
        close(chunks);
        return;
      }
    }
  } catch {
    // The answer is complete; a failure after it does not matter.
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the reading; a failure to end does not matter. */
export function close(chunks: Chunks): void {
  chunks.return?.().then(undefined, () => undefined);
}
