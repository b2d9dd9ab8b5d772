/**
 * How much of their text all streams together may hold. Streams that are not read would otherwise hold a megabyte each; one
 * that finds no room goes on, but is neither kept in the cache nor recovered where it is cut.
 */
export class HeldTextLimit {
  /** @param left in characters */
  constructor(private left: number) {}

  /** Whether there is room for so many characters more; then it is taken. */
  take(characters: number): boolean {
    if (characters > this.left) return false;
    this.left -= characters;
    return true;
  }

  giveBack(characters: number): void {
    this.left += characters;
  }
}
