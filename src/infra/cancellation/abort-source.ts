/**
 * An abort signal and its controller in one, with as much of the web's `AbortSignal` as whoever follows one uses. Making
 * the web's pair and listening to it costs 7 µs of CPU, several times a request; this costs next to nothing.
 */
export class AbortSource {
  private isAborted = false;
  private abortReason: unknown;
  private readonly listeners = new Set<() => void>();

  get aborted(): boolean {
    return this.isAborted;
  }

  get reason(): unknown {
    return this.abortReason;
  }

  /** Tells the listeners, each once. A second call changes nothing. */
  abort(reason?: unknown): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.abortReason = reason ?? new DOMException('This operation was aborted', 'AbortError');
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }

  throwIfAborted(): void {
    if (this.isAborted) throw this.abortReason;
  }

  /** There is only the one event, and it comes once. */
  addEventListener(_event: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_event: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }
}
