import type { Vocabulary } from './vocabulary.js';

/**
 * The longest run of bytes that is merged as a whole: merging takes as many steps as its square. No word of any language is
 * as long; in what is longer each part of this length is merged for itself, which makes a token more at most.
 */
export const LONGEST_RUN = 256;

/** So many merged runs are remembered: texts repeat their words. */
const REMEMBERED = 4_096;

const ONE = { tokens: 1, work: 1 } as const;

/** Counts tokens by byte pair encoding: https://github.com/openai/tiktoken, `_byte_pair_merge` in src/lib.rs. */
export class BytePairs {
  private readonly remembered = new Map<string, number>();
  private readonly starts = new Uint16Array(LONGEST_RUN + 1);
  private readonly ranks = new Float64Array(LONGEST_RUN + 1);

  constructor(private readonly vocabulary: Pick<Vocabulary, 'rankOf'>) {}

  /** Tokens of a run of bytes, `LONGEST_RUN` of them at most, each a character; and the bytes to merge, or 1 for a look. */
  count(bytes: string): { tokens: number; work: number } {
    if (this.vocabulary.rankOf(bytes) !== undefined) return ONE;
    const known = this.remembered.get(bytes);
    if (known !== undefined) return { tokens: known, work: 1 };
    const tokens = this.merge(bytes);
    if (this.remembered.size === REMEMBERED) this.remembered.clear();
    this.remembered.set(bytes, tokens);
    return { tokens, work: bytes.length };
  }

  /** Joins the two neighbours whose token ranks lowest until no two make a token; gives how many are left. */
  private merge(bytes: string): number {
    const { starts, ranks } = this;
    let parts = bytes.length;
    for (let part = 0; part <= parts; part += 1) starts[part] = part;
    for (let part = 0; part < parts; part += 1) ranks[part] = this.rankAt(bytes, part, parts);
    for (;;) {
      let lowest = Infinity;
      let at = -1;
      for (let part = 0; part < parts - 1; part += 1) {
        const rank = ranks[part] ?? Infinity;
        if (rank < lowest) {
          lowest = rank;
          at = part;
        }
      }
      if (at < 0) return parts;
      starts.copyWithin(at + 1, at + 2, parts + 1);
      ranks.copyWithin(at + 1, at + 2, parts);
      parts -= 1;
      ranks[at] = this.rankAt(bytes, at, parts);
      if (at > 0) ranks[at - 1] = this.rankAt(bytes, at - 1, parts);
    }
  }

  /** The rank of the token that a part and the next one make. */
  private rankAt(bytes: string, part: number, parts: number): number {
    if (part + 2 > parts) return Infinity;
    return this.vocabulary.rankOf(bytes.slice(this.starts[part], this.starts[part + 2])) ?? Infinity;
  }
}
