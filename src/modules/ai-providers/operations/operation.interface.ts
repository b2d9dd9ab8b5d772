import type { ReadText, TokenCounter } from '../accounting/token-counter.interface.js';
import type { Refused } from '../dialects/fit.js';
import type { AIProviderAdapter } from '../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';
import type { OperationName } from '../interfaces/request-event.interface.js';
import type { ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import type { Deployment } from '../models/deployment.js';

/**
 * Something that can be asked of a deployment, such as a chat completion. The pipeline (route, failover, admission, deadlines,
 * record) is the same for every operation; what differs stands here, in a folder an operation.
 */
export interface Operation<Request, Call, Answer> {
  readonly name: OperationName;
  /** What is sent to the deployment for the request. */
  callOf(request: Request, deployment: Deployment): Call;
  /** Tokens that a try reserves of its provider's rate limit before it is sent. */
  tokensToReserve(call: Call, deployment: Deployment): number;
  /** Tokens that the vendor has read where it has begun to work, roughly. */
  promptTokensOf(call: Call): number;
  /** Sends the call. @throws ProviderError */
  send(adapter: AIProviderAdapter, call: Call, signal: CancelSignal): Promise<Answer>;
  /** The tokens of a whole answer: as reported, and our own count of what the vendor left out. */
  usageOf(
    reported: ReportedUsage,
    call: Call,
    answer: () => ReadText,
    tokens: TokenCounter,
  ): TokenUsage | Promise<TokenUsage>;
  /** The tokens of a try that gave no whole answer. */
  failedUsageOf(
    reported: ReportedUsage | undefined,
    call: Call,
    received: ReadText,
    tokens: TokenCounter,
  ): TokenUsage;
  /** What of the call the deployment does not get as it was asked. */
  warningsOf(deployment: Deployment, call: Call, refused: Refused): readonly CompletionWarning[];
}
