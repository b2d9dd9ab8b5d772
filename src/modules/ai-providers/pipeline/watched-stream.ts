import { ProviderError } from '../errors/provider.error.js';
import type { AIProviderAdapter, ProviderCall, StreamPart } from '../interfaces/ai-adapter.interface.js';
import type { AttemptScope } from './attempt-scope.js';

/** The stream of one try under its deadlines. Only the time spent waiting for the vendor counts, not the caller's. */
export class WatchedStream {
  private readonly iterator: AsyncIterator<readonly StreamPart[]>;
  private begun = false;

  constructor(
    adapter: AIProviderAdapter,
    private readonly scope: AttemptScope,
    call: ProviderCall = scope.call,
  ) {
    this.iterator = adapter.stream(call, scope.signal)[Symbol.asyncIterator]();
    if (scope.othersLeft) scope.watchdog.limit('first_token', scope.provider.firstTokenTimeout);
  }

  /**
   * The next parts, at least one.
   * @throws ProviderError; `truncated` when the stream ends and no finish had come.
   */
  async pull(): Promise<readonly StreamPart[]> {
    const { scope } = this;
    scope.watchdog.resume();
    if (this.begun) scope.watchdog.limit('idle', scope.provider.idleTimeout);
    const next = await this.iterator.next();
    scope.watchdog.pause();
    if (next.done) throw new ProviderError('truncated', 'The stream ended before the provider had finished');
    this.begun = true;
    this.note(next.value);
    return next.value;
  }

  /** Closes the upstream stream if it is still open. */
  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  private note(parts: readonly StreamPart[]): void {
    const { scope } = this;
    for (const part of parts) {
      if (part.type === 'text') scope.receivedText.add(part.text);
      else if (part.type === 'usage') scope.reportedUsage = { ...scope.reportedUsage, ...part.usage };
      if (bearsContent(part)) {
        scope.markFirstContent();
        scope.watchdog.lift('first_token');
      }
    }
  }
}

/** Whether a caller would see something of it. */
export function bearsContent({ type }: StreamPart): boolean {
  return type === 'text' || type === 'reasoning' || type === 'refusal' || type === 'tool_call';
}
