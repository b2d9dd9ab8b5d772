import type { CompletionChunk } from './completion.interface.js';

/** An iteration whose reader may leave it: `return` resolves when what it held is given back. */
export interface LeavableIterator<T> extends AsyncIterableIterator<T, undefined> {
  return(value?: PromiseLike<undefined>): Promise<IteratorResult<T, undefined>>;
}

/** A streamed answer in groups of chunks that arrived together. */
export type ChunkStream = LeavableIterator<readonly CompletionChunk[]>;
