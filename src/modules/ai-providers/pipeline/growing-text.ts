/** So many small pieces are joined at once. */
const JOINED_PIECES = 256;

/** Longer ones are held as they are: what holds them is small beside them. */
const SMALL_CHARACTERS = 256;

/**
 * A text that comes in small pieces and is held for long. V8 keeps every piece of a string that was put together by `+=`,
 * which for a token of five letters takes 56 bytes; joined ones take what their letters do.
 */
export class GrowingText {
  private whole = '';
  private pieces: string[] = [];

  add(piece: string): void {
    if (piece.length > SMALL_CHARACTERS) {
      this.join();
      this.whole += piece;
    } else if (this.pieces.push(piece) === JOINED_PIECES) this.join();
  }

  /** All of it. */
  toString(): string {
    this.join();
    return this.whole;
  }

  private join(): void {
    if (this.pieces.length === 0) return;
    this.whole += this.pieces.join('');
    this.pieces = [];
  }
}
