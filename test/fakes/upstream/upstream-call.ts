import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from './dialect.js';

/** One request the upstream got, and how it ended. */
export class UpstreamCall {
  readonly receivedAt = performance.now();
  /** The client closed before it had everything. */
  aborted = false;
  /** `performance.now()` of that moment. */
  abortedAt: number | null = null;
  /** `performance.now()` of the end of the exchange, either way. */
  closedAt: number | null = null;
  /** The whole answer was handed to the operating system. */
  finished = false;
  readonly #aborted: Promise<number>;
  readonly #closed: Promise<void>;
  #over = false;
  #resolveAborted: (at: number) => void = () => undefined;
  #resolveClosed: () => void = () => undefined;

  constructor(
    readonly method: string,
    /** With the query. */
    readonly path: string,
    readonly headers: IncomingHttpHeaders,
    readonly rawBody: string,
    /** Parsed; an empty object where there is none or it is no JSON. */
    readonly body: Record<string, unknown>,
    readonly dialect: Dialect['name'],
    readonly streaming: boolean,
    /** Ordinal of the connection it came over. */
    readonly connection: number,
  ) {
    this.#aborted = new Promise((resolve) => (this.#resolveAborted = resolve));
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Resolves with `performance.now()` when the client closes early. */
  whenAborted(): Promise<number> {
    return this.#aborted;
  }

  /** Resolves when the exchange is over, either way. */
  whenClosed(): Promise<void> {
    return this.#closed;
  }

  /** For the upstream itself: the exchange is over. The first word counts. */
  close(how: 'finished' | 'aborted' | 'broken_by_us'): void {
    if (this.#over) return;
    this.#over = true;
    this.closedAt = performance.now();
    if (how === 'finished') this.finished = true;
    if (how === 'aborted') {
      this.aborted = true;
      this.abortedAt = performance.now();
      this.#resolveAborted(this.abortedAt);
    }
    this.#resolveClosed();
  }
}
