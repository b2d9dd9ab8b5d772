/**
 * How far the arguments of a call have come: nothing but blanks; within a JSON object; a whole one; or something else,
 * which the model wrote and which is passed on as it is.
 */
export type ArgumentsState = 'blank' | 'open' | 'whole' | 'other';

/** Follows the text of a JSON object piece by piece, in time that is linear in the text and without holding it. */
export class ArgumentsProgress {
  state: ArgumentsState = 'blank';
  private depth = 0;
  private isInString = false;
  private isEscaped = false;

  add(piece: string): void {
    for (let at = 0; at < piece.length && this.state !== 'other'; at++) this.step(piece.charCodeAt(at));
  }

  private step(code: number): void {
    if (this.isInString) this.stepInString(code);
    else if (code === 0x22 && this.state === 'open') this.isInString = true;
    else if (code === 0x7b || (code === 0x5b && this.state === 'open')) this.openBracket();
    else if ((code === 0x7d || code === 0x5d) && this.state === 'open') {
      if (--this.depth === 0) this.state = 'whole';
    } else if (this.state !== 'open' && !isBlank(code)) this.state = 'other';
  }

  private stepInString(code: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (code === 0x5c) this.isEscaped = true;
    else if (code === 0x22) this.isInString = false;
  }

  private openBracket(): void {
    this.state = this.state === 'whole' ? 'other' : 'open';
    this.depth++;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
