import { toCost } from '../accounting/bill.js';
import { AIError, providerNotFound } from '../errors/ai.error.js';
import type { ProviderError } from '../errors/provider.error.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import type { Attempt } from '../interfaces/attempt.interface.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import type {
  CacheStatus,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
  CompletionSummary,
  CompletionWarning,
  StoredAnswer,
} from '../interfaces/completion.interface.js';
import type { Cost, TokenUsage } from '../interfaces/usage.interface.js';
import { deploymentAskedOf } from '../models/deployment.js';
import { PolicyChain, type PolicyDecision } from './policy-chain.js';
import type { PolicyRequest } from '../policies/policy.interface.js';
import type { AttemptScope } from './attempt/attempt-scope.js';
import { Failover, type AttemptListener } from './failover/failover.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import { RequestDeadline } from '../resilience/request-deadline.js';

/** How the vendor named itself and its reason to end. */
type VendorEnding = Pick<CompletionSummary, 'model' | 'finishReason' | 'rawFinishReason'>;

/** One request on its way through the pipeline: its deadline, its failover, its account. */
export class RequestRun implements PolicyRequest {
  readonly id: string;
  readonly failover: Failover;
  recovered = false;
  private cached = false;
  private readonly records: AttemptRecord[] = [];
  /** For the record; the deadline has the moment that durations are taken from. */
  private readonly startedAt: number;
  readonly deadline: RequestDeadline;
  private kept: Promise<void> | undefined;
  readonly policies: PolicyChain;
  private isStatusReported = false;
  private failure: unknown;
  /** Characters that it has taken of the room that all streams share. */
  private heldCharacters = 0;
  /** Why its caller has left while the work goes on for others. */
  private left: AIError | undefined;
  leadersFailed = 0;

  /** @param onOver called once the request is over and kept */
  constructor(
    private readonly deps: PipelineDependencies,
    readonly request: CompletionRequest,
    readonly context: CompletionContext,
    readonly streamed: boolean,
    private readonly onOver: () => void = () => undefined,
  ) {
    assertPinnedProviderServes(deps, request);
    this.id = deps.newId();
    this.startedAt = deps.clock.wallTime();
    this.deadline = new RequestDeadline(deps.clock, request.timeout, context.signal);
    const report: AttemptListener = (scope, attempt, usage, error) =>
      this.report(scope, attempt, usage, error);
    this.policies = new PolicyChain(deps.policies, this);
    this.failover = new Failover(deps, request, this.deadline, report, context.caller);
  }

  /**
   * Asks the policies, and reports to the caller whether his answer is in the cache. The promise rejects with `AIError`
   * when a policy refuses the request or it ends meanwhile; where no policy waits there is none.
   */
  before(): PolicyDecision | Promise<PolicyDecision> {
    const decision = this.policies.before();
    return decision instanceof Promise
      ? decision.then((settled) => this.decided(settled))
      : this.decided(decision);
  }

  /** Reports to the caller once whether his answer comes from the cache. What his listener throws fails the request. */
  reportCacheStatus(status: CacheStatus): void {
    if (this.isStatusReported) return;
    this.isStatusReported = true;
    this.context.onCacheStatus?.(status);
  }

  /** The caller has left and the work goes on for others who asked the same: the record says how it ended for him. */
  callerLeft(reason: AIError): void {
    this.left ??= reason;
  }

  get isHandedOver(): boolean {
    return this.left !== undefined;
  }

  /** Answers from the cache: it cost nothing, and no provider was tried. */
  repeat(answer: StoredAnswer): CompletionResponse {
    const { latency } = this;
    this.cached = true;
    const provider = this.deps.directory.byId(answer.providerId);
    const deployment = provider && deploymentAskedOf(provider, this.request);
    this.records.push({
      providerId: answer.providerId,
      providerName: answer.providerName,
      providerType: answer.providerType,
      model: deployment?.model ?? answer.model,
      outcome: 'success',
      latency,
      tryNumber: 1,
      usage: answer.usage,
      pricing: deployment?.terms.prices ?? null,
      cost: null,
      timeToFirstToken: null,
    });
    const warnings = this.withOwn(answer.warnings);
    if (warnings.length > 0) this.context.onWarnings?.(warnings);
    const cost = answer.cost && nothingIn(answer.cost);
    return { id: this.id, ...answer, cost, latency, cached: true, attempts: [], warnings };
  }

  /** A try has been opened whose answer the caller gets: reports to him what its vendor does not get as asked. */
  announce({ deployment, call, refused }: AttemptScope): void {
    if (this.context.onWarnings === undefined) return;
    const warnings = this.withOwn(this.deps.operation.warningsOf(deployment, call, refused));
    if (warnings.length > 0) this.context.onWarnings(warnings);
  }

  /** The answer, once its try has succeeded. */
  response(
    scope: AttemptScope,
    ending: VendorEnding,
    usage: TokenUsage,
    content: string,
  ): CompletionResponse {
    const { id, name, type } = scope.provider;
    return {
      id: this.id,
      content,
      finishReason: ending.finishReason,
      rawFinishReason: ending.rawFinishReason,
      model: ending.model,
      providerId: id,
      providerName: name,
      providerType: type,
      usage,
      cost: toCost(scope.bill),
      latency: this.latency,
      cached: false,
      attempts: this.failover.attempts(),
      warnings: this.withOwn(this.deps.operation.warningsOf(scope.deployment, scope.call, scope.refused)),
    };
  }

  /** The request is over, by an error. Gives it as the caller is to see it: with the attempt log, whatever ended the request. */
  async fail(error: unknown): Promise<unknown> {
    this.failure ??= error;
    await this.end(error instanceof AIError ? error.code : 'INTERNAL');
    return error instanceof AIError ? error.withAttempts(this.failover.attempts()) : error;
  }

  /** Whether so many characters more of what it says may be held; they are until it is over. */
  holdMore(characters: number): boolean {
    if (this.isOver || !this.deps.heldText.take(characters)) return false;
    this.heldCharacters += characters;
    return true;
  }

  get isOver(): boolean {
    return this.kept !== undefined;
  }

  /** The request is over; `code` is null for an answer. Resolves once that is kept. A second call changes nothing. */
  end(code: AIErrorCode | null): Promise<void> {
    this.kept ??= this.keep(code);
    return this.kept;
  }

  /** The one place where a request gives back what it holds, whatever went wrong and wherever it was thrown. */
  private async keep(code: AIErrorCode | null): Promise<void> {
    this.deps.heldText.giveBack(this.heldCharacters);
    try {
      this.policies.end(this.failure);
    } finally {
      try {
        this.failover.release();
      } finally {
        try {
          this.deadline.release();
          await this.record(this.left?.code ?? code);
        } finally {
          this.onOver();
        }
      }
    }
  }

  private withOwn(warnings: readonly CompletionWarning[]): readonly CompletionWarning[] {
    const { warnings: own } = this.policies;
    return own.length === 0 ? warnings : [...warnings, ...own];
  }

  private record(code: AIErrorCode | null): Promise<void> {
    const { latency } = this;
    const event: RequestEvent = {
      id: this.id,
      requestId: this.context.requestId ?? this.id,
      caller: this.context.caller ?? null,
      operation: this.deps.operation.name,
      code,
      streamed: this.streamed,
      recovered: this.recovered,
      cached: this.cached,
      latency,
      attempts: this.records,
      metadata: this.request.metadata ?? null,
      startedAt: this.startedAt,
      endedAt: this.startedAt + latency,
    };
    if (code !== null && this.records.length === 0) event.skippedByCircuit = this.failover.skippedByCircuit();
    return this.deps.observer.requestEnded(event);
  }

  private get latency(): number {
    return this.deps.clock.monotonic() - this.deadline.beganAt;
  }

  private decided(decision: PolicyDecision): PolicyDecision {
    // A stream that is followed may fail before it has said anything, and this request then lead.
    if (!decision.followed) this.reportCacheStatus(this.policies.cacheStatus);
    return decision;
  }

  private report(scope: AttemptScope, attempt: Attempt, usage: TokenUsage, error?: ProviderError): void {
    if (error?.fault === 'internal') {
      const { requestId = this.id } = this.context;
      const { providerId, model } = attempt;
      this.deps.failedInside(error.cause, { requestId, providerId, model });
    }
    const { type } = scope.provider;
    const { tryNumber, timeToFirstToken, prices: pricing, bill: cost } = scope;
    const { providerId, providerName, model, outcome, latency, status, reason, phase } = attempt;
    const record = {
      providerId,
      providerName,
      providerType: type,
      model,
      outcome,
      status,
      reason,
      phase,
      latency,
      tryNumber,
      usage,
      pricing,
      cost,
      timeToFirstToken,
    } satisfies Record<Exclude<keyof AttemptRecord, 'skipped' | 'field'>, unknown>;
    this.records.push(record);
  }
}

function nothingIn({ currency, source }: Cost): Cost {
  return { input: 0, output: 0, total: 0, currency, source };
}

function assertPinnedProviderServes(deps: PipelineDependencies, { providerId }: CompletionRequest): void {
  if (providerId === undefined) return;
  const pinned = deps.directory.byId(providerId);
  if (pinned === undefined) throw providerNotFound(providerId);
  if (!pinned.isActive) throw new AIError('PROVIDER_INACTIVE', `The provider ${providerId} is deactivated`);
}
