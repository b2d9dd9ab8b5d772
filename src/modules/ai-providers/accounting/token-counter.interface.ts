/** A text, or the beginning of one that is so long that no more of it is held. */
export interface ReadText {
  /** Characters of all of it. */
  readonly length: number;
  /** What is held. */
  toString(): string;
}

/**
 * Counts tokens where a vendor did not say. However long or odd a text is, the process is never held up for more than a few
 * milliseconds by it. Of a text that is not held, or not counted to its end, the rest is taken for like what was counted.
 */
export interface TokenCounter {
  /** Counts exactly what can be counted so; that may take many turns of the event loop. Never rejects. */
  count(text: ReadText): Promise<number>;
  /** Counts at once, and no more of the text than can be counted at once. */
  estimate(text: ReadText): number;
}
