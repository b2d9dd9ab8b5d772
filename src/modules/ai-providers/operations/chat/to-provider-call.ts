import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import type { ChatMessage } from '../../interfaces/message.interface.js';
import type { Deployment } from '../../models/deployment.js';
import { outputLimitOf } from '../../models/provider-terms.js';

/** The call that `request` makes at a deployment: where the request is silent, the provider's configuration holds. */
export function toProviderCall(request: CompletionRequest, { provider, model }: Deployment): ProviderCall {
  const messages = request.messages ?? [{ role: 'user' as const, content: request.prompt }];
  return {
    model,
    system: systemText(request.systemPrompt, messages),
    messages: messages.filter((message) => message.role !== 'system'),
    maxTokens: request.maxTokens ?? provider.maxTokens ?? undefined,
    temperature: request.temperature ?? provider.temperature ?? undefined,
    topP: request.topP ?? provider.topP ?? undefined,
    topK: request.topK ?? provider.topK ?? undefined,
    frequencyPenalty: request.frequencyPenalty ?? provider.frequencyPenalty ?? undefined,
    presencePenalty: request.presencePenalty ?? provider.presencePenalty ?? undefined,
    stopSequences: request.stopSequences ?? provider.stopSequences ?? undefined,
    seed: request.seed,
    tools: request.tools,
    toolChoice: request.toolChoice,
    parallelToolCalls: request.parallelToolCalls,
    responseFormat: request.responseFormat,
    logprobs: request.logprobs,
    reasoning: request.reasoning,
    user: request.user,
    sessionId: request.sessionId,
    providerOptions: request.providerOptions,
    openaiFields: request.openaiFields,
    asked: request,
    outputLimit: provider.type === 'ANTHROPIC' ? outputLimitOf(model) : undefined,
    systemTurns: messages.some(saysMore) ? systemTurns(request.systemPrompt, messages) : undefined,
  };
}

/** All that was said to the system, in order. Vendors differ in where it may stand, so it stands apart. */
function systemText(systemPrompt: string | undefined, messages: readonly ChatMessage[]): string | undefined {
  const texts = messages.filter((message) => message.role === 'system').map(({ content }) => textOf(content));
  if (systemPrompt) texts.unshift(systemPrompt);
  return texts.length > 0 ? texts.join('\n\n') : undefined;
}

/** Whether a system message holds more than its text. */
function saysMore({ role, content, name, openaiFields }: ChatMessage): boolean {
  if (role !== 'system') return false;
  const isText = typeof content === 'string' || content.every((part) => part.openaiFields === undefined);
  return !isText || name !== undefined || openaiFields !== undefined;
}

function systemTurns(systemPrompt: string | undefined, messages: readonly ChatMessage[]): ChatMessage[] {
  const turns = messages.filter(({ role }) => role === 'system');
  return systemPrompt ? [{ role: 'system', content: systemPrompt }, ...turns] : turns;
}

/** The text of a message's content; parts that are not text have none. */
export function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
