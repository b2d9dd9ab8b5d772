import { AIError } from '../../errors/ai.error.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { Refusal } from '../../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import { QueueRefusedError } from '../../resilience/queue/queue-refused.error.js';
import type { TakeResult } from '../../resilience/queue/wait-queue.interface.js';
import { AttemptScope } from '../attempt/attempt-scope.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import type { Deployment } from '../../models/deployment.js';

/** The candidates of a request, and what becomes of those that are not admitted. */
export interface CandidateSource {
  candidates(): Deployment[];
  /** These, and those whose backoff is not over yet, as of the last look. */
  remaining(): readonly Deployment[];
  /** For good: this request is done with the provider. */
  skip(deployment: Deployment, refusal: Refusal): void;
  /** For now: another candidate had room, and this one stays a candidate. */
  defer(deployment: Deployment, refusal: Refusal): void;
}

/** A candidate that may be asked later. */
interface Waitable {
  deployment: Deployment;
  refusal: Refusal;
}

/**
 * Admits a request to a provider: the first candidate that all gates let through. Where all that are left are only at
 * their limit, the request waits in the queue, first come first served within its priority.
 */
export class AttemptAdmission {
  /** The provider of each try. */
  private readonly tries: string[] = [];
  /** The last try that the gates were asked for. */
  private last: AttemptScope | null = null;
  private waitable: Waitable[] = [];

  constructor(
    private readonly deps: PipelineDependencies,
    private readonly request: CompletionRequest,
    private readonly deadline: RequestDeadline,
    private readonly source: CandidateSource,
    private readonly caller: string | undefined,
  ) {}

  /**
   * A try that may be made now; null when no candidate is left.
   * @throws AIError when the queue is full or the wait too long, or the request ends meanwhile.
   */
  async next(): Promise<AttemptScope | null> {
    for (;;) {
      const scope = this.takeAtOnce() ?? (this.isWorthWaiting() ? await this.wait() : null);
      if (scope === null) return null;
      const asked = this.deps.shared.admit(scope);
      if (this.isShared(scope, asked && (await asked))) {
        for (const { deployment, refusal } of this.waitable) this.source.defer(deployment, refusal);
        return scope;
      }
    }
  }

  /** A try on this provider, if the gates let it through at this moment. */
  async enter(deployment: Deployment): Promise<AttemptScope | null> {
    const { scope } = this.pass(deployment);
    return scope !== null && this.isShared(scope, await this.deps.shared.admit(scope)) ? scope : null;
  }

  /** The request is over: gives back what its last try still holds, whatever went wrong. */
  release(): void {
    this.last?.settle({ outcome: 'not_sent' });
  }

  /** What the gates say of the provider now; nothing is taken. */
  peek(provider: AIProviderConfig): Refusal | null {
    for (const gate of this.deps.gates) {
      const refusal = gate.peek(provider);
      if (refusal) return refusal;
    }
    return null;
  }

  /** While other requests wait, nothing is taken at once: that would overtake them. */
  private takeAtOnce(): AttemptScope | null {
    return this.deps.queue.size === 0 ? this.takeFirst() : null;
  }

  private isWorthWaiting(): boolean {
    return this.deps.queue.size === 0 ? this.waitable.length > 0 : this.source.candidates().length > 0;
  }

  /** Whether what all replicas share lets the try through; a try that it does not is given back. */
  private isShared(scope: AttemptScope, refusal: Refusal | null): boolean {
    if (refusal || this.deadline.reason) scope.settle({ outcome: 'not_sent' });
    this.deadline.throwIfAborted();
    if (refusal) return false;
    this.tries.push(scope.provider.id);
    return true;
  }

  private takeFirst(): AttemptScope | null {
    this.waitable = [];
    for (const deployment of this.source.candidates()) {
      const { scope, refusal } = this.pass(deployment);
      if (scope) return scope;
      if (isPassing(refusal)) this.waitable.push({ deployment, refusal });
      else this.source.skip(deployment, refusal);
    }
    return null;
  }

  private pass(
    deployment: Deployment,
  ): { scope: AttemptScope; refusal: null } | { scope: null; refusal: Refusal } {
    const { provider } = deployment;
    const refused = this.peek(provider);
    if (refused) return { scope: null, refusal: refused };
    const tryNumber = this.tries.filter((id) => id === provider.id).length + 1;
    const call = this.deps.operation.callOf(this.request, deployment);
    const isOther = ({ provider: other }: Deployment): boolean =>
      other.id !== provider.id && this.peek(other) === null;
    const othersLeft = this.source.remaining().some(isOther);
    const { clock, newCancelSource, operation } = this.deps;
    const source = newCancelSource();
    const scope = new AttemptScope(
      operation,
      deployment,
      call,
      tryNumber,
      othersLeft,
      this.deadline,
      clock,
      source,
    );
    this.last = scope;
    for (const gate of this.deps.gates) {
      const refusal = gate.enter(scope);
      if (refusal) {
        scope.settle({ outcome: 'not_sent' });
        return { scope: null, refusal };
      }
    }
    scope.onSettled(() => this.deps.queue.notify());
    return { scope, refusal: null };
  }

  private async wait(): Promise<AttemptScope | null> {
    const { queue, clock, queueMaxWaitMs } = this.deps;
    const candidates = this.source.candidates();
    try {
      const scope = await queue.wait({
        priority: this.request.priority ?? 'normal',
        deadlineAt:
          this.deadline.endsAt < Infinity ? this.deadline.endsAt : clock.monotonic() + queueMaxWaitMs,
        signal: this.deadline.signal,
        lane: candidates
          .map(({ provider }) => provider.id)
          .sort()
          .join(),
        caller: this.caller,
        need: () => this.take(),
        since: this.deadline.beganAt,
      });
      return this.accept(scope);
    } catch (error) {
      if (error instanceof QueueRefusedError) return this.reject(error);
      for (const { deployment, refusal } of this.whatFor()) this.source.defer(deployment, refusal);
      throw error;
    }
  }

  /** What the queue asks when something may have become free. */
  private take(): TakeResult<AttemptScope | null> {
    const scope = this.takeFirst();
    if (scope !== null || this.waitable.length === 0) return { granted: true, grant: scope };
    const waits = this.waitable.map(({ refusal }) => refusal.retryAfterMs ?? Infinity);
    const certain = this.waitable.every(({ refusal }) => refusal.reason !== 'at_capacity');
    return { granted: false, waitMs: Math.min(...waits), certain };
  }

  /** A grant can come in the very moment in which the request ends: then it is given back. */
  private accept(scope: AttemptScope | null): AttemptScope | null {
    if (this.deadline.reason) scope?.settle({ outcome: 'not_sent' });
    this.deadline.throwIfAborted();
    return scope;
  }

  private reject({ refusal, waitMs }: QueueRefusedError): null {
    for (const awaited of this.whatFor(waitMs)) this.source.skip(awaited.deployment, awaited.refusal);
    this.waitable = [];
    if (refusal === 'full') {
      throw new AIError('OVERLOADED', 'Too many requests are waiting already', {
        retryAfterMs: waitMs ?? 1_000,
      });
    }
    return null;
  }

  /** What it waited for. A request that waited behind others may never have been considered: the reason is what the gates say now. */
  private whatFor(waitMs?: number): Waitable[] {
    const known = new Map(this.waitable.map(({ deployment, refusal }) => [deployment.provider.id, refusal]));
    const reason = waitMs === undefined ? 'at_capacity' : 'rate_limited';
    return this.source.candidates().map((deployment) => ({
      deployment,
      refusal: known.get(deployment.provider.id) ??
        this.peek(deployment.provider) ?? { reason, retryAfterMs: waitMs },
    }));
  }
}

/** Whether the reason goes away by itself soon. */
function isPassing({ reason }: Refusal): boolean {
  return reason === 'rate_limited' || reason === 'cooldown' || reason === 'at_capacity';
}
