import { connect, type Socket } from 'node:net';

/** A connection on which a test says exactly what it wants to. */
export class RawConnection {
  private text = '';
  private readonly ended: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
    });
    // A connection that the service ends while we write is reset: that is an end as well.
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawConnection(socket);
  }

  /** Sends these lines, joined as HTTP has them. */
  send(...lines: string[]): this {
    this.socket.write(lines.join('\r\n'));
    return this;
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** What has come, once the service has answered whole and, by default, closed. */
  async answer({ untilClosed = true, withinMs = 10_000 } = {}): Promise<{
    status: number;
    text: string;
    ms: number;
  }> {
    const startedAt = performance.now();
    const isOver = (): boolean => (untilClosed ? this.socket.destroyed : /\r\n\r\n.*\}/s.test(this.text));
    while (!isOver()) {
      if (performance.now() - startedAt > withinMs)
        throw new Error(`No answer in ${withinMs} ms: ${this.text}`);
      await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0);
    return { status, text: this.text, ms: performance.now() - startedAt };
  }

  /** Sends this again and again until the connection is closed. */
  drip(text: string, everyMs: number): void {
    const timer = setInterval(() => this.socket.write(text), everyMs);
    void this.ended.then(() => clearInterval(timer));
  }

  close(): void {
    this.socket.destroy();
  }
}
