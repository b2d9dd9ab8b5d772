import { countedUsage, failedUsage, reportedUsage } from '../../accounting/usage.js';
import { warningsOf } from '../../dialects/warnings-of.js';
import type { ProviderAnswer, ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import type { Operation } from '../operation.interface.js';
import { toProviderCall } from './to-provider-call.js';
import { promptTokensOf, tokensToReserve } from './token-reservation.js';

/** A completion: messages in, text, reasoning and tool calls out, whole or streamed. */
export const CHAT: Operation<CompletionRequest, ProviderCall, ProviderAnswer> = {
  name: 'chat',
  callOf: toProviderCall,
  tokensToReserve: (call, deployment) => tokensToReserve(deployment, call),
  promptTokensOf,
  send: (adapter, call, signal) => adapter.chat.complete(call, signal),
  usageOf: (reported, call, answer, tokens) =>
    reportedUsage(reported) ?? countedUsage(reported, call, answer(), tokens),
  failedUsageOf: failedUsage,
  warningsOf: ({ provider }, call, refused) => warningsOf(provider, call, refused),
};
