import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BytePairs } from './byte-pairs.js';
import { roughTokens } from './rough-tokens.js';
import { TokenCount } from './token-count.js';
import { loadVocabulary } from './vocabulary.js';

/** Of a longer text this beginning is counted, and the rest taken to be like it. */
const COUNTED_CHARACTERS = 65_536;

/** Of all texts together, by `TokenCount.step`: about a millisecond on a processor of 2020. */
const WORK_A_TURN = 1_500;

/** With less a text is judged by its characters instead of a few words. */
const LEAST_WORK = 100;

/** A text, or the beginning of one that is so long that no more of it is held. */
interface CountedText {
  readonly length: number;
  toString(): string;
}

/**
 * Counts tokens as OpenAI's `cl100k_base` encoding does (gpt-tokenizer): near enough for an estimate. All that is counted in
 * one turn of the event loop takes about a millisecond, whatever the texts: a run of letters is merged in parts, and the
 * vocabulary is read in slices, after the start. What is kept is bounded by the vocabulary and `BytePairs`.
 */
export class TokenEstimator implements OnApplicationBootstrap, OnApplicationShutdown {
  private pairs: BytePairs | null = null;
  private loading: Promise<void> | undefined;
  private isStopped = false;
  private workLeft = WORK_A_TURN;
  private turn: Promise<void> | undefined;

  /** @param onFault called with the reason why there is no vocabulary: tokens are then estimated from the characters */
  constructor(private readonly onFault: (error: unknown) => void = throwLater) {}

  onApplicationBootstrap(): void {
    void this.load();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
  }

  /** Tokens of `text`, exact but for long runs without a space; beyond 65,536 characters extrapolated. Never rejects. */
  async count(text: CountedText): Promise<number> {
    if (text.length === 0) return 0;
    await this.load();
    if (this.pairs === null) return roughTokens(text);
    const count = new TokenCount(text.toString().slice(0, COUNTED_CHARACTERS), this.pairs);
    for (;;) {
      this.advance(count);
      if (count.isDone) return count.forLength(text.length);
      await this.nextTurn();
    }
  }

  /** Tokens of `text` at once: as `count` where that fits into this turn, else from as much of its beginning as does. */
  estimate(text: CountedText): number {
    if (text.length === 0) return 0;
    if (this.pairs === null || this.workLeft < LEAST_WORK) return roughTokens(text);
    const count = new TokenCount(text.toString().slice(0, COUNTED_CHARACTERS), this.pairs);
    this.advance(count);
    return count.forLength(text.length);
  }

  private advance(count: TokenCount): void {
    if (this.workLeft === WORK_A_TURN) void this.nextTurn();
    this.workLeft = count.step(this.workLeft);
  }

  /** All wait for the same turn and go on in the order in which they came. */
  private nextTurn(): Promise<void> {
    this.turn ??= nextTurn().then(() => {
      this.turn = undefined;
      this.workLeft = WORK_A_TURN;
    });
    return this.turn;
  }

  private load(): Promise<void> {
    this.loading ??= loadVocabulary(() => this.isStopped).then(
      (vocabulary) => {
        this.pairs = vocabulary && new BytePairs(vocabulary);
      },
      (error: unknown) => this.onFault(error),
    );
    return this.loading;
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
