import { CACHE_MANAGER } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { LOGGER, type Logger } from '../../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../../interfaces/clock.interface.js';
import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { AnswerStore } from './answer-cache.ports.js';

/**
 * Larger answers are not kept, in characters of what they say. Our number: as much as is held of a stream, twice what a
 * model of 128,000 tokens of output can say; what writes more than that would push thousands of others out.
 */
const MAX_KEPT_CHARS = 1024 * 1024;

/** A cache that fails does so at every request. */
const WARN_EVERY_MS = 60_000;

/** Answers in Nest's cache. Without it everything goes on, only that the same is asked again. */
@Injectable()
export class CachedAnswerStore implements AnswerStore {
  private warnedAt = -Infinity;

  constructor(
    @Inject(CACHE_MANAGER) private readonly cache: Cache,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {
    // Keyv emits what its store throws here, and answers that there is nothing.
    for (const store of cache.stores) store.on('error', (error: unknown) => this.warn(error));
  }

  /** The answer under `key`; undefined where there is none, it is over its time, or the cache does not answer. */
  read(key: string): Promise<StoredAnswer | undefined> {
    return this.cache.get<StoredAnswer>(key);
  }

  /** Keeps `answer` for `ttlMs` milliseconds, or for less where room is short; not one that is too large. Never rejects. */
  async write(key: string, answer: StoredAnswer, ttlMs: number): Promise<void> {
    if (charsOf(answer) > MAX_KEPT_CHARS) return;
    try {
      await this.cache.set(key, answer, ttlMs);
    } catch (error) {
      this.warn(error);
    }
  }

  private warn(err: unknown): void {
    if (this.clock.monotonic() - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = this.clock.monotonic();
    this.logger.warn({ err }, 'The response cache fails: requests go on without it');
  }
}

function charsOf({ content, reasoning, refusal, toolCalls = [] }: StoredAnswer): number {
  const said = content.length + (reasoning?.length ?? 0) + (refusal?.length ?? 0);
  return toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, said);
}
