import { billOf, billOfFailure } from '../../accounting/bill.js';
import { AIError } from '../../errors/ai.error.js';
import type { ProviderError } from '../../errors/provider.error.js';
import type { Deployment } from '../../models/deployment.js';
import type { Attempt, Refusal } from '../../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import type { TokenUsage } from '../../interfaces/usage.interface.js';
import { sleep } from '../../resilience/abortable-sleep.js';
import { faultPolicy } from '../../resilience/fault-policy.js';
import { decideRetry, type RetryDecision } from '../../resilience/retry-policy.js';
import { AttemptAdmission } from './attempt-admission.js';
import { RemainingCandidates } from './remaining-candidates.js';
import type { AttemptScope } from '../attempt/attempt-scope.js';
import { SilencePatience } from '../attempt/silence-patience.js';
import { AttemptLog, failedAttempt, succeededAttempt } from './attempt-log.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import { exhaustedError } from './exhausted-error.js';

/** A try that gave a value. It is ended by `succeed` or `fail`. */
export interface OpenedAttempt<T> {
  scope: AttemptScope;
  value: T;
}

/** What is done with one try; it throws `ProviderError` where the try fails. */
export type AttemptCall<T> = (scope: AttemptScope) => Promise<T>;

/** Called with the end of each try of a request that reached a provider. */
export type AttemptListener = (
  scope: AttemptScope,
  attempt: Attempt,
  usage: TokenUsage,
  error?: ProviderError,
) => void;

/**
 * The failover of one request: retries a provider, goes on to the next, and logs which were tried and which were skipped. Tried
 * providers are a set, and which ones are eligible is read afresh before each try.
 */
export class Failover {
  private readonly log = new AttemptLog();
  private readonly remaining: RemainingCandidates;
  private readonly failures: ProviderError[] = [];
  private readonly refusals: Refusal[] = [];
  private readonly admission: AttemptAdmission;
  private readonly patience: SilencePatience;

  constructor(
    private readonly deps: PipelineDependencies,
    private readonly request: CompletionRequest,
    private readonly deadline: RequestDeadline,
    private readonly onAttempt: AttemptListener,
    caller?: string,
  ) {
    this.remaining = new RemainingCandidates(deps.route, request, deps.clock);
    this.patience = new SilencePatience(deps.clock, deadline);
    this.admission = new AttemptAdmission(
      deps,
      request,
      deadline,
      {
        candidates: () => this.remaining.candidates(),
        remaining: () => this.remaining.remaining,
        skip: (deployment, refusal) => this.skip(deployment, refusal),
        defer: (deployment, refusal) => this.log.skip(deployment, refusal),
      },
      caller,
    );
  }

  /**
   * Makes tries until one gives a value.
   * @throws AIError when no candidate is left, the request is over, or the fault is the request's own.
   */
  async open<T>(call: AttemptCall<T>): Promise<OpenedAttempt<T>> {
    for (;;) {
      this.deadline.throwIfAborted();
      // A timer may fire within the millisecond before its time is over: then the rest is waited for too.
      for (let delayMs = this.remaining.waitMs(); delayMs > 0; delayMs = this.remaining.waitMs())
        await sleep(Math.ceil(delayMs), this.deadline.signal, this.deps.clock);
      const scope = await this.admission.next();
      // Those that are left may have become due only after the admission had looked.
      if (scope === null && (this.remaining.waitMs() > 0 || this.remaining.candidates().length > 0)) continue;
      if (scope === null) throw this.exhausted();
      const opened = await this.tryFrom(scope, call);
      if (opened) return opened;
    }
  }

  /** The try gave a whole answer. */
  succeed(scope: AttemptScope, usage: TokenUsage): void {
    scope.bill = billOf(usage, scope.prices);
    const attempt = succeededAttempt(scope);
    this.log.add(attempt);
    scope.settle({ outcome: 'success', usage });
    this.onAttempt(scope, attempt, usage);
  }

  /**
   * The try failed. Returns what that means.
   * @throws AIError when the request itself is over, or the fault is its own.
   */
  fail(scope: AttemptScope, thrown: unknown): ProviderError {
    const error = this.note(scope, thrown);
    this.deadline.throwIfAborted();
    const { retrySame, tryNext } = faultPolicy(error.fault);
    if (retrySame === 'no' && !tryNext) {
      throw new AIError('UPSTREAM_REJECTED_REQUEST', error.message, {
        attempts: this.attempts(),
        cause: error,
      });
    }
    this.failures.push(error);
    if (error.fault === 'timeout') this.patience.wasSilent(scope.provider);
    if (error.fault === 'context_length') this.remaining.outgrew(scope.deployment);
    return error;
  }

  /** Writes a failed try into the attempt log and the account, whatever follows from it. */
  note(scope: AttemptScope, thrown: unknown): ProviderError {
    const error = scope.explain(thrown);
    // A stream that was stopped while its next parts were waited for fails by that once more: it is billed once.
    if (scope.isOver) return error;
    const reported = error.usage ?? scope.reportedUsage;
    const usage = this.deps.operation.failedUsageOf(reported, scope.call, scope.received, this.deps.tokens);
    scope.bill = billOfFailure(reported, scope.prices);
    const attempt = failedAttempt(scope, error, usage);
    this.log.add(attempt);
    scope.settle({ outcome: 'failure', error, usage });
    this.onAttempt(scope, attempt, usage, error);
    return error;
  }

  /**
   * The stream of a try failed after the caller had received some of it. The provider becomes the last candidate if
   * the rules allow another try on it, since another one may continue the answer.
   * @throws AIError as `fail` does.
   */
  failMidStream(scope: AttemptScope, thrown: unknown): void {
    const decision = this.decideRetry(scope, this.fail(scope, thrown), false);
    if (decision.retry) this.remaining.postpone(scope.provider.id, decision.delayMs);
    else this.remaining.drop(scope.provider.id);
  }

  /** The request is over: gives back what a try has taken and has not given back, whatever went wrong. */
  release(): void {
    this.admission.release();
  }

  /** The attempt log: the tries in order, and behind them the active providers that could not have served the request. */
  attempts(): Attempt[] {
    return this.log.entries(this.remaining.unfit());
  }

  /** The providers that were not asked because of their circuits. */
  skippedByCircuit(): string[] {
    return this.log.skippedBecause('circuit_open');
  }

  /** The error of a request that has no candidate left, or whose answer `wasCut` and cannot be continued. */
  exhausted(wasCut = false): AIError {
    const { model } = this.request;
    return exhaustedError({
      failures: this.failures,
      refusals: this.refusals,
      unfit: this.remaining.unfit().map(({ refusal }) => refusal),
      attempts: this.attempts(),
      wasCut,
      wanted: model === undefined ? '' : ` with the model ${JSON.stringify(model)}`,
    });
  }

  /** Tries one provider as often as the rules allow; undefined when the request should go on to the next. */
  private async tryFrom<T>(first: AttemptScope, call: AttemptCall<T>): Promise<OpenedAttempt<T> | undefined> {
    let scope: AttemptScope | null = first;
    while (scope) {
      scope.markSent(this.patience.limitOf(scope));
      try {
        return { scope, value: await call(scope) };
      } catch (thrown) {
        const error = this.fail(scope, thrown);
        scope = (await this.waitToRetry(scope, error)) ? await this.readmit(scope.provider.id) : null;
      }
    }
    return undefined;
  }

  /** Sleeps until the provider may be tried again; false when it is not to be, or could not be after the sleep. */
  private async waitToRetry(scope: AttemptScope, error: ProviderError): Promise<boolean> {
    const decision = this.decideRetry(scope, error, scope.othersLeft);
    if (!decision.retry) {
      this.remaining.drop(scope.provider.id);
      return false;
    }
    // The circuit that this failure has opened for all replicas is open here once they have said so.
    if (scope.replicasInformed) await scope.replicasInformed;
    const refusal = this.admission.peek(scope.provider);
    if ((refusal?.retryAfterMs ?? 0) > decision.delayMs) return false;
    await sleep(decision.delayMs, this.deadline.signal, this.deps.clock);
    return true;
  }

  private decideRetry(
    { provider, tryNumber }: AttemptScope,
    error: ProviderError,
    otherCandidatesLeft: boolean,
  ): RetryDecision {
    const { retry, random } = this.deps;
    return decideRetry({
      error,
      attempt: tryNumber,
      policy: {
        ...retry,
        maxAttempts: Math.max(1, provider.retryAttempts),
        initialDelayMs: provider.retryDelay,
      },
      otherCandidatesLeft,
      random,
      remainingMs: this.patience.leftFor(provider.id),
    });
  }

  /** Another try on the provider as it is configured now; null when it may not be asked at this moment. */
  private readmit(providerId: string): Promise<AttemptScope | null> {
    const again = this.remaining.candidates().find(({ provider }) => provider.id === providerId);
    return again ? this.admission.enter(again) : Promise.resolve(null);
  }

  private skip(deployment: Deployment, refusal: Refusal): void {
    this.remaining.drop(deployment.provider.id);
    this.refusals.push(refusal);
    this.log.skip(deployment, refusal);
  }
}
