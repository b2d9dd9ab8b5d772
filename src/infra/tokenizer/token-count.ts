import { LONGEST_RUN, type BytePairs } from './byte-pairs.js';

/** How gpt-tokenizer cuts a text for `cl100k_base` before it looks for tokens (`CL100K_TOKEN_SPLIT_PATTERN`). */
const PIECES =
  /'(?:[sS]|[dD]|[mM]|[tT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s/gu;

/** One text on its way to being counted, some of it at a time. */
export class TokenCount {
  private tokens = 0;
  /** Where the next piece begins. */
  private at = 0;
  /** Characters and bytes of the piece that is being counted, and what is left of its bytes. */
  private characters = 0;
  private size = 0;
  private bytes = '';

  constructor(
    private readonly text: string,
    private readonly pairs: BytePairs,
  ) {}

  get isDone(): boolean {
    return this.at >= this.text.length && this.bytes === '';
  }

  /**
   * Goes on counting until it is done or has done so much work: a unit is a piece that is looked up, or a byte of one that is
   * merged. Gives what is left of `work`, which may be a run less than nothing.
   */
  step(work: number): number {
    let left = work;
    while (left > 0 && !this.isDone) {
      if (this.bytes === '') this.takePiece();
      const run = this.bytes.slice(0, LONGEST_RUN);
      this.bytes = this.bytes.slice(LONGEST_RUN);
      const { tokens, work: done } = this.pairs.count(run);
      this.tokens += tokens;
      left -= done;
    }
    return left;
  }

  /** Tokens of a text of so many characters, all of it like that part of it which has been counted. */
  forLength(length: number): number {
    // Of a piece that is being counted its characters are taken to have as many bytes each.
    const counted = this.at - (this.bytes === '' ? 0 : (this.characters * this.bytes.length) / this.size);
    return counted >= length ? this.tokens : Math.ceil((this.tokens * length) / Math.max(1, counted));
  }

  private takePiece(): void {
    PIECES.lastIndex = this.at;
    const piece = PIECES.exec(this.text)?.[0] ?? this.text.slice(this.at);
    this.at += piece.length;
    this.characters = piece.length;
    this.bytes = bytesOf(piece);
    this.size = this.bytes.length;
  }
}

/** The bytes of UTF-8, each a character. */
function bytesOf(text: string): string {
  for (let at = 0; at < text.length; at += 1)
    if (text.charCodeAt(at) > 127) return Buffer.from(text).toString('latin1');
  return text;
}
