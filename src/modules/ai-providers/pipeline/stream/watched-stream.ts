import { ProviderError } from '../../errors/provider.error.js';
import type { ProviderCall, StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { mayThink } from '../../dialects/thinking-models.js';
import type { AttemptScope } from '../attempt/attempt-scope.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';

/** For so long signs of life are enough, and a model that thinks may give none, in milliseconds. */
const QUIET_MS = 300_000;

/** The stream of one try under its deadlines. Only the time spent waiting for the vendor counts, not the caller's. */
export class WatchedStream {
  private readonly iterator: AsyncIterator<readonly StreamPart[]>;
  private begun = false;
  private readonly idleMs: number;

  constructor(
    { adapters, deadlines }: Pick<PipelineDependencies, 'adapters' | 'deadlines'>,
    private readonly scope: AttemptScope,
    call: ProviderCall = scope.call,
  ) {
    const { provider, watchdog } = scope;
    const thinks = mayThink(call);
    this.idleMs = patienceOf(thinks, provider.idleTimeout, deadlines.idleTimeoutMs);
    this.iterator = adapters.adapterFor(provider).chat.stream(call, scope.signal)[Symbol.asyncIterator]();
    if (!scope.othersLeft) return;
    watchdog.limit(
      'first_token',
      patienceOf(thinks, provider.firstTokenTimeout, deadlines.firstTokenTimeoutMs),
    );
  }

  /**
   * The next parts, at least one.
   * @throws ProviderError; `truncated` when the stream ends and no finish had come.
   */
  async pull(): Promise<readonly StreamPart[]> {
    const { scope } = this;
    if (this.begun) scope.watchdog.limit('idle', this.idleMs);
    scope.watchdog.resume();
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
    let hasContent = false;
    let isAlive = false;
    for (const part of parts) {
      scope.received.add(part);
      if (part.type === 'usage') scope.reportedUsage = { ...scope.reportedUsage, ...part.usage };
      else if (part.type === 'refused') scope.refused = part.refused;
      if (bearsContent(part)) hasContent = true;
      else if (part.type === 'sign_of_life') isAlive = true;
    }
    if (hasContent) this.moveOn();
    else if (isAlive) this.bearWith();
  }

  /** Content has come: the time without it begins anew. */
  private moveOn(): void {
    const { watchdog, provider } = this.scope;
    this.scope.markFirstContent();
    watchdog.lift('first_token');
    watchdog.lift('quiet');
    watchdog.limit('attempt', provider.timeout);
  }

  /** The vendor works on: it is not taken for dead for want of content, but not for ever. */
  private bearWith(): void {
    const { watchdog } = this.scope;
    if (watchdog.isLimited('quiet')) return;
    watchdog.lift('first_token');
    watchdog.limit('quiet', QUIET_MS);
  }
}

/**
 * How long a stream may be silent. Thinking is no silence of a dead vendor: a provider's default gives way to 5 min then. A row
 * does not show whether its operator has set a value, so one that equals the default counts as not set.
 */
function patienceOf(thinks: boolean, setMs: number, defaultMs: number): number {
  return thinks && setMs === defaultMs ? Math.max(QUIET_MS, setMs) : setMs;
}

/** Whether a caller would see something of it. */
export function bearsContent(part: StreamPart): boolean {
  const { type } = part;
  if (type === 'beside') return part.message !== undefined;
  return type === 'text' || type === 'reasoning' || type === 'refusal' || type === 'tool_call';
}
