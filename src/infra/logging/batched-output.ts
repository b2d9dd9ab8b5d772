/** Where finished text goes. */
interface Sink {
  write(text: string): unknown;
}

/**
 * Hands lines on together, those of one turn of the event loop in one write: a system call for every line would cost more
 * than making it. What is still held when the process exits is written then; only a kill in mid-turn loses lines.
 */
export class BatchedOutput implements Sink {
  private held = '';

  constructor(private readonly sink: Sink) {
    process.once('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.held === '') setImmediate(() => this.flush());
    this.held += line;
  }

  private flush(): void {
    const text = this.held;
    this.held = '';
    if (text !== '') this.sink.write(text);
  }
}
