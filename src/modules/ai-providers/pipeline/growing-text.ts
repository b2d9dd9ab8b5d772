/** So many small pieces are joined at once. */
const JOINED_PIECES = 256;

/** Longer ones are held as they are: what holds them is small beside them. */
const SMALL_CHARACTERS = 256;

/**
 * Twice what a model of 128,000 tokens of output can say, by OpenAI's rule of four characters a token: "What are tokens and
 * how to count them?", help.openai.com.
 */
const HELD_CHARACTERS = 1_048_576;

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

  constructor(private readonly held = HELD_CHARACTERS) {}

  /** Whether all of it is held. */
  get isWhole(): boolean {
    return this.length <= this.held;
  }

  add(piece: string): void {
    const room = this.held - this.length;
    this.length += piece.length;
    if (room > 0) this.hold(piece.length > room ? piece.slice(0, room) : piece);
  }

  /** Whether three quarters of what is held at most have come. */
  get isNearlyFull(): boolean {
    return this.length > this.held * 0.75;
  }

  /** What is held of it from one place to another. */
  between(from: number, to: number): string {
    return from >= to ? '' : this.toString().slice(from, to);
  }

  /** What is held of it. */
  toString(): string {
    this.join();
    return this.beginning;
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
