/** So many small pieces are joined at once. */
const JOINED_PIECES = 256;

/** Longer ones are held as they are: what holds them is small beside them. */
const SMALL_CHARACTERS = 256;

/**
 * Twice what a model of 128,000 tokens of output can say, by OpenAI's rule of four characters a token: "What are tokens and
 * how to count them?", help.openai.com.
 */
const HELD_CHARACTERS = 1_048_576;

/** Characters of a text that are held whatever others hold, and by how many more at a time. */
const BLOCK_CHARACTERS = 65_536;

/** With less room than that a text is nearly full. Our number: more than nearly all pieces that come at once. */
const MARGIN_CHARACTERS = 32_768;

/**
 * A text that comes in small pieces and is held for long, so many characters of it at most: a stream may go on for as long as
 * its vendor likes. V8 keeps every piece of a string that was put together by `+=`, which for a token of five letters takes 56
 * bytes; joined ones take what their letters do.
 */
export class GrowingText {
  /** Characters that were added, held or not. */
  length = 0;
  private beginning = '';
  private pieces: string[] = [];

  private held: number;

  /**
   * @param most characters that are held of it
   * @param holdMore whether so many more may be held, beyond the first 65,536; where left out all are
   */
  constructor(
    private readonly most = HELD_CHARACTERS,
    private readonly holdMore?: (characters: number) => boolean,
  ) {
    this.held = holdMore ? Math.min(BLOCK_CHARACTERS, most) : most;
  }

  /** Whether all of it is held. */
  get isWhole(): boolean {
    return this.length <= this.held;
  }

  add(piece: string): void {
    if (this.length + piece.length + MARGIN_CHARACTERS > this.held) this.makeRoom(piece.length);
    const room = this.held - this.length;
    this.length += piece.length;
    if (room > 0) this.hold(piece.length > room ? piece.slice(0, room) : piece);
  }

  /** Whether three quarters of what is held at most have come, or others hold so much that it will be no more. */
  get isNearlyFull(): boolean {
    return this.length > this.most * 0.75 || this.length + MARGIN_CHARACTERS > this.held;
  }

  /** What was said from one place to another. @throws Error where that is not held */
  between(from: number, to: number): string {
    if (from >= to) return '';
    const text = this.toString();
    if (to > text.length) throw new Error('What a reader has missed of a stream is not held any more');
    return text.slice(from, to);
  }

  /** What is held of it. */
  toString(): string {
    this.join();
    return this.beginning;
  }

  private makeRoom(characters: number): void {
    const wanted = Math.min(this.most, this.length + characters + MARGIN_CHARACTERS);
    while (this.held < wanted && this.holdMore?.(BLOCK_CHARACTERS))
      this.held = Math.min(this.most, this.held + BLOCK_CHARACTERS);
  }

  private hold(piece: string): void {
    if (piece.length > SMALL_CHARACTERS) {
      this.join();
      this.beginning += piece;
    } else if (this.pieces.push(piece) === JOINED_PIECES) this.join();
  }

  private join(): void {
    if (this.pieces.length === 0) return;
    this.beginning += this.pieces.join('');
    this.pieces = [];
  }
}
