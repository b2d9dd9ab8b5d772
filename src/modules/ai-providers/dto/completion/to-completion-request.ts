import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import type { ChatMessage } from '../../interfaces/message.interface.js';
import { assertBodyIsPlain } from '../validation/body-shape.js';
import { assertMatches } from '../validation/validation.pipe.js';
import type { ChatMessageDto } from './chat-message.dto.js';
import { CompletionRequestDto } from './completion.dto.js';
import { argumentsText, withRefusal } from './turn-forms.js';

/**
 * The request of a completion's body, checked as the API's pipe checks the others; pipes of a host application do not see
 * it. Thousands of these come a second: they go without the promises that Nest makes to send a body through its pipes.
 * @throws AIError `VALIDATION_FAILED`
 */
export function readCompletionRequest(body: unknown): CompletionRequest {
  assertBodyIsPlain(body);
  assertMatches(CompletionRequestDto, body);
  return toCompletionRequest(body);
}

/** The request a checked body makes: a field that is null counts as left out. */
export function toCompletionRequest(dto: CompletionRequestDto): CompletionRequest {
  const request = withoutNulls(dto);
  if (dto.messages) request.messages = dto.messages.map(toChatMessage);
  return request as unknown as CompletionRequest;
}

/** A checked turn in our words; most are so already. */
function toChatMessage(turn: ChatMessageDto): ChatMessage {
  const { content, refusal, toolCalls } = turn;
  if (typeof content === 'string' && refusal === undefined && toolCalls === undefined && !hasNull(turn)) {
    return turn as ChatMessage;
  }
  const message = withoutNulls(turn);
  delete message.refusal;
  message.content = withRefusal(content ?? '', refusal ?? '');
  if (toolCalls) {
    message.toolCalls = toolCalls.map((call) => ({
      ...call,
      arguments: argumentsText(call.arguments) ?? '',
    }));
  }
  return message as unknown as ChatMessage;
}

function hasNull(fields: object): boolean {
  return Object.values(fields).includes(null);
}

function withoutNulls(fields: object): Record<string, unknown> {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) present[name] = value;
  }
  return present;
}
