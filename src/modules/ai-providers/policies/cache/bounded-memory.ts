import type { KeyvStoreAdapter } from 'keyv';
import { LRUCache } from 'lru-cache';

/** One text takes at most this part of the room: a few large ones shall not drive out all others. */
const LARGEST_SHARE = 1 / 8;

/** A character that is not of Latin-1 makes every character of its text take two bytes; an entry itself takes some too. */
const BYTES_A_CHARACTER = 2;
const ENTRY_BYTES = 200;

/** Texts in memory, by Keyv's rules: what was used longest ago goes where there is no room. */
export class BoundedMemory implements Pick<KeyvStoreAdapter, 'get' | 'set' | 'delete' | 'clear' | 'on'> {
  readonly opts = {};
  namespace?: string;
  private readonly texts: LRUCache<string, string>;

  constructor(maxBytes: number) {
    this.texts = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
      sizeCalculation: (text, key) => BYTES_A_CHARACTER * (text.length + key.length) + ENTRY_BYTES,
    });
  }

  /** Bytes in use, as reckoned. */
  get size(): number {
    return this.texts.calculatedSize;
  }

  get<Value>(key: string): Promise<Value | undefined> {
    return Promise.resolve(this.texts.get(key) as Value | undefined);
  }

  set(key: string, text: string, ttlMs?: number): void {
    this.texts.set(key, text, { ...(ttlMs !== undefined && { ttl: ttlMs }) });
  }

  delete(key: string): Promise<boolean> {
    return Promise.resolve(this.texts.delete(key));
  }

  clear(): Promise<void> {
    this.texts.clear();
    return Promise.resolve();
  }

  /** Nothing can go wrong here. */
  on(): this {
    return this;
  }
}
