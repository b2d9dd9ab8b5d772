import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { ProviderError } from '../../errors/provider.error.js';
import type { ChatMessage, ContentPart, MediaSource } from '../../interfaces/message.interface.js';

/** `input_audio` takes these two alone (https://platform.openai.com/docs/guides/audio). */
const AUDIO_FORMAT: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
};

/** A turn in the form of Chat Completions. @throws ProviderError `invalid_request` for a part that form cannot hold. */
export function toMessage(message: ChatMessage): ChatCompletionMessageParam {
  const { role, content, name } = message;
  switch (role) {
    case 'system':
      return { role, content: textOf(content), name };
    case 'user':
      return { role, content: typeof content === 'string' ? content : content.map(toPart), name };
    case 'tool':
      return { role, content: textOf(content), tool_call_id: message.toolCallId ?? '' };
    case 'assistant':
      return toAssistant(message);
  }
}

function toAssistant({ content, name, toolCalls }: ChatMessage): ChatCompletionMessageParam {
  const text = textOf(content);
  if (!toolCalls?.length) return { role: 'assistant', content: text, name };
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    name,
    tool_calls: toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

function toPart(part: ContentPart): ChatCompletionContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: urlOf(part.source) } };
    case 'file': {
      if ('url' in part.source) throw unsupported('A file is taken by value only, not by URL.');
      return { type: 'file', file: { filename: part.name ?? 'file', file_data: urlOf(part.source) } };
    }
    case 'audio':
      return toAudio(part.source);
    case 'other':
      return part.openaiFields as unknown as ChatCompletionContentPart;
  }
}

function toAudio(source: MediaSource): ChatCompletionContentPart {
  if ('url' in source) throw unsupported('Audio is taken by value only, not by URL.');
  const format = AUDIO_FORMAT[source.mediaType.toLowerCase()];
  if (format === undefined) throw unsupported(`Audio is taken as wav or mp3, not as ${source.mediaType}.`);
  return { type: 'input_audio', input_audio: { data: source.data, format } };
}

function urlOf(source: MediaSource): string {
  return 'url' in source ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

/** Roles but the user's hold text alone. */
function textOf(content: string | ContentPart[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function unsupported(text: string): ProviderError {
  return new ProviderError('invalid_request', text);
}
