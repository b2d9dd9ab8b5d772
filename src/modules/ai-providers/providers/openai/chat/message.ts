import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions';
import type { ReasoningBack } from '../../../dialects/history-reasoning.js';
import { hasOfOpenAI } from '../../../dialects/openai/openai-turn.js';
import { audioFormat } from '../../../dialects/media-form.js';
import type {
  ChatMessage,
  ContentPart,
  MediaSource,
  ToolCall,
} from '../../../interfaces/message.interface.js';
import { withFields } from './fields/with-fields.js';

type Content = string | ChatCompletionContentPart[];

/** A turn in the form of Chat Completions; `back` says whether an assistant's reasoning goes with it, and under what name. */
export function toMessage(message: ChatMessage, back: ReasoningBack | null): ChatCompletionMessageParam {
  const { openaiFields, providerData } = message;
  const turn = toTurn(message, back);
  const own = providerData?.openai;
  if (openaiFields === undefined && own === undefined) return turn;
  // The sound stands in the place of a text.
  if (turn.content === '' && hasOfOpenAI(message, 'audio')) turn.content = null;
  return { ...own, ...openaiFields, ...turn };
}

function toTurn(message: ChatMessage, back: ReasoningBack | null): ChatCompletionMessageParam {
  const { role, content, name } = message;
  switch (role) {
    case 'system':
      return { role, content: gathered(content), name } as ChatCompletionMessageParam;
    case 'user':
      return { role, content: typeof content === 'string' ? content : content.map(toPart), name };
    case 'tool':
      return {
        role,
        content: gathered(content),
        tool_call_id: message.toolCallId ?? '',
      } as ChatCompletionMessageParam;
    case 'assistant':
      return toAssistant(message, back);
  }
}

function toAssistant(
  { content, name, toolCalls, reasoning }: ChatMessage,
  back: ReasoningBack | null,
): ChatCompletionMessageParam {
  const said = gathered(content);
  const turn: Record<string, unknown> = { role: 'assistant', content: said, name };
  if (toolCalls?.length) {
    if (said === '') turn['content'] = null;
    turn['tool_calls'] = toolCalls.map(toToolCall);
  }
  const thought = reasoning ?? (back?.always ? '' : undefined);
  if (back !== null && thought !== undefined) turn[back.field] = thought;
  return turn as unknown as ChatCompletionMessageParam;
}

function toToolCall({
  id,
  name,
  arguments: text,
  custom,
  openaiFields,
}: ToolCall): ChatCompletionMessageToolCall {
  return custom
    ? withFields({ id, type: 'custom', custom: { name, input: text } }, 'custom', openaiFields)
    : withFields({ id, type: 'function', function: { name, arguments: text } }, 'function', openaiFields);
}

function toPart(part: ContentPart): ChatCompletionContentPart {
  switch (part.type) {
    case 'text':
      return { ...part.openaiFields, type: 'text', text: part.text };
    case 'image':
      return withFields(
        { type: 'image_url', image_url: { url: urlOf(part.source) } },
        'image_url',
        part.openaiFields,
      );
    case 'file':
      return withFields(
        { type: 'file', file: { filename: part.name ?? 'file', file_data: urlOf(part.source) } },
        'file',
        part.openaiFields,
      );
    case 'audio':
      return withFields(
        { type: 'input_audio', input_audio: audioOf(part.source) },
        'input_audio',
        part.openaiFields,
      );
    case 'other':
      return part.openaiFields as unknown as ChatCompletionContentPart;
  }
}

/** `lackOf` has seen to it that the form can hold the sound; compatible servers take more formats than OpenAI's types say. */
function audioOf(source: MediaSource): { data: string; format: 'wav' | 'mp3' } {
  const format = 'data' in source ? audioFormat('CUSTOM', source.mediaType) : undefined;
  if (!('data' in source) || format === undefined) throw new Error('The form has no place for this sound');
  return { data: source.data, format: format as 'wav' | 'mp3' };
}

function urlOf(source: MediaSource): string {
  return 'url' in source ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** Roles but the user's hold one text, which every server takes; parts only where they say more. */
function gathered(content: ChatMessage['content']): Content {
  if (typeof content === 'string') return content;
  const isPlain = content.every((part) => part.type === 'text' && part.openaiFields === undefined);
  return isPlain
    ? content.map((part) => (part.type === 'text' ? part.text : '')).join('')
    : content.map(toPart);
}
