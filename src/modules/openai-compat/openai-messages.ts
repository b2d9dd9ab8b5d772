import type {
  ChatMessage,
  ContentPart,
  MediaSource,
  MessageRole,
  ToolCall,
} from '../ai-providers/interfaces/message.interface.js';
import { MAX_MESSAGES } from '../ai-providers/dto/completion.dto.js';
import { isObject, type FieldReader } from './field.reader.js';

const ROLES: ReadonlyMap<unknown, MessageRole> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
]);

/** `messages` of a chat completion (platform.openai.com/docs/api-reference/chat/create) in our words. */
export function readMessages(body: FieldReader): ChatMessage[] {
  const list = body.list('messages', MAX_MESSAGES);
  if (list === undefined || list.length === 0) {
    body.refuse('messages', 'must be an array with at least one message');
    return [];
  }
  return list.flatMap((message, index) => readMessage(message, `messages.${index}`, body) ?? []);
}

function readMessage(message: unknown, path: string, body: FieldReader): ChatMessage | undefined {
  if (!isObject(message)) return body.refuse(path, 'must be an object');
  const role = ROLES.get(message['role']);
  if (role === undefined) {
    return body.refuse(`${path}.role`, 'must be system, developer, user, assistant or tool');
  }
  const toolCalls = readToolCalls(message['tool_calls'], `${path}.tool_calls`, body);
  const content = readContent(message['content'], toolCalls !== undefined, `${path}.content`, body);
  if (content === undefined) return undefined;
  const result: ChatMessage = { role, content };
  if (toolCalls) result.toolCalls = toolCalls;
  if (typeof message['tool_call_id'] === 'string') result.toolCallId = message['tool_call_id'];
  if (typeof message['name'] === 'string') result.name = message['name'];
  return result;
}

function readContent(
  content: unknown,
  mayBeEmpty: boolean,
  path: string,
  body: FieldReader,
): string | ContentPart[] | undefined {
  if (typeof content === 'string') return content;
  if ((content === null || content === undefined) && mayBeEmpty) return '';
  if (!Array.isArray(content)) return body.refuse(path, 'must be a string or an array of parts');
  return content.flatMap(
    (part, index) => readPart(part) ?? body.refuse(`${path}.${index}`, PART_PROBLEM) ?? [],
  );
}

const PART_PROBLEM = 'must be a part of type text, image_url, input_audio or file';

function readPart(part: unknown): ContentPart | undefined {
  if (!isObject(part)) return undefined;
  switch (part['type']) {
    case 'text':
      return textOf(part['text']);
    case 'refusal':
      return textOf(part['refusal']);
    case 'image_url':
      return mediaPart('image', part['image_url'], ({ url }) => mediaOf(url));
    case 'input_audio':
      return mediaPart('audio', part['input_audio'], inlineAudio);
    case 'file':
      return mediaPart('file', part['file'], ({ file_data: data }) => mediaOf(data));
    default:
      return undefined;
  }
}

function textOf(text: unknown): ContentPart | undefined {
  return typeof text === 'string' ? { type: 'text', text } : undefined;
}

function mediaPart(
  type: 'image' | 'audio' | 'file',
  holder: unknown,
  sourceOf: (holder: Record<string, unknown>) => MediaSource | undefined,
): ContentPart | undefined {
  const source = isObject(holder) ? sourceOf(holder) : undefined;
  return source && { type, source };
}

function inlineAudio({ data, format }: Record<string, unknown>): MediaSource | undefined {
  return typeof data === 'string' && typeof format === 'string'
    ? { data, mediaType: `audio/${format}` }
    : undefined;
}

/** An http(s) URL, or a `data:` URL with base64 (RFC 2397). */
function mediaOf(url: unknown): MediaSource | undefined {
  if (typeof url !== 'string') return undefined;
  if (/^https?:\/\//i.test(url)) return { url };
  const inline = /^data:([^;,]+);base64,(.+)$/s.exec(url);
  return inline ? { mediaType: inline[1]!, data: inline[2]! } : undefined;
}

function readToolCalls(value: unknown, path: string, body: FieldReader): ToolCall[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return body.refuse(path, 'must be an array');
  return value.flatMap(
    (call, index) => readToolCall(call) ?? body.refuse(`${path}.${index}`, 'must be a function call') ?? [],
  );
}

function readToolCall(call: unknown): ToolCall | undefined {
  if (!isObject(call) || typeof call['id'] !== 'string' || !isObject(call['function'])) return undefined;
  const { name, arguments: text } = call['function'];
  return typeof name === 'string' && typeof text === 'string'
    ? { id: call['id'], name, arguments: text }
    : undefined;
}
