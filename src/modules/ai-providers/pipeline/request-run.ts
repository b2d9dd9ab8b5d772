import { AIError } from '../errors/ai.error.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import type { Attempt } from '../interfaces/attempt.interface.js';
import type { AttemptRecord } from '../interfaces/request-event.interface.js';
import type {
  CompletionContext,
  CompletionRequest,
  CompletionSummary,
} from '../interfaces/completion.interface.js';
import type { TokenUsage } from '../interfaces/usage.interface.js';
import { termsOf } from '../routing/provider-terms.js';
import type { AttemptScope } from './attempt-scope.js';
import { CandidateWalk } from './candidate-walk.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import { RequestDeadline } from './request-deadline.js';
import { costOf } from './usage-account.js';

/** How the vendor named itself and its reason to end. */
type VendorEnding = Pick<CompletionSummary, 'model' | 'finishReason' | 'rawFinishReason'>;

/** One request on its way through the pipeline: its deadline, its walk, its account. */
export class RequestRun {
  readonly id: string;
  readonly walk: CandidateWalk;
  recovered = false;
  private readonly records: AttemptRecord[] = [];
  private readonly startedAt: number;
  private readonly deadline: RequestDeadline;
  private ended = false;

  constructor(
    private readonly deps: PipelineDependencies,
    private readonly request: CompletionRequest,
    private readonly context: CompletionContext,
    private readonly streamed: boolean,
  ) {
    assertPinnedProviderServes(deps, request);
    this.id = deps.newId();
    this.startedAt = deps.clock.now();
    this.deadline = new RequestDeadline(deps.clock, request.timeout, context.signal);
    this.walk = new CandidateWalk(deps, request, this.deadline, (scope, attempt, usage) =>
      this.report(scope, attempt, usage),
    );
  }

  /** Everything about the answer but its text, once its try has succeeded. */
  summary(scope: AttemptScope, ending: VendorEnding, usage: TokenUsage): CompletionSummary {
    const { id, name, type } = scope.provider;
    return {
      id: this.id,
      finishReason: ending.finishReason,
      rawFinishReason: ending.rawFinishReason,
      model: ending.model,
      providerId: id,
      providerName: name,
      providerType: type,
      usage,
      cost: costOf(usage, termsOf(scope.provider).prices),
      latency: this.deps.clock.now() - this.startedAt,
      cached: false,
      attempts: this.walk.trail(),
    };
  }

  /** Ends everything that still waits, as if the caller had hung up. */
  abandon(): void {
    this.deadline.abort(new AIError('CLIENT_CLOSED_REQUEST', 'The caller stopped reading'));
  }

  /** The request is over; `code` is null for an answer. A second call changes nothing. */
  end(code: AIErrorCode | null): void {
    if (this.ended) return;
    this.ended = true;
    this.deadline.release();
    const endedAt = this.deps.clock.now();
    this.deps.observer.requestEnded({
      id: this.id,
      requestId: this.context.requestId ?? this.id,
      caller: this.context.caller ?? null,
      code,
      streamed: this.streamed,
      recovered: this.recovered,
      cached: false,
      latency: endedAt - this.startedAt,
      attempts: this.records,
      metadata: this.request.metadata ?? null,
      startedAt: this.startedAt,
      endedAt,
    });
  }

  private report(scope: AttemptScope, attempt: Attempt, usage: TokenUsage): void {
    const { type } = scope.provider;
    const pricing = termsOf(scope.provider).prices;
    const { tryNumber, timeToFirstToken } = scope;
    this.records.push({ ...attempt, providerType: type, tryNumber, usage, pricing, timeToFirstToken });
  }
}

function assertPinnedProviderServes(deps: PipelineDependencies, { providerId }: CompletionRequest): void {
  if (providerId === undefined) return;
  const pinned = deps.directory.byId(providerId);
  if (pinned === undefined) throw new AIError('PROVIDER_NOT_FOUND', `There is no provider ${providerId}`);
  if (!pinned.isActive) throw new AIError('PROVIDER_INACTIVE', `The provider ${providerId} is deactivated`);
}
