import type {
  ChatMessage,
  ContentPart,
  MediaSource,
  MessageRole,
  ToolCall,
} from '../ai-providers/interfaces/message.interface.js';
import { argumentsText, withRefusal } from '../ai-providers/dto/turn-forms.js';
import { MAX_MESSAGES } from '../ai-providers/dto/completion.dto.js';
import { isObject, type FieldReader } from './field.reader.js';

type Fields = Record<string, unknown>;

const ROLES: ReadonlyMap<unknown, MessageRole> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  // The older form of a tool's result, told by its function's name.
  ['function', 'tool'],
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

/**
 * A turn with any field null, empty or missing counts as without it. What an assistant's turn holds is kept: its words where it
 * refused, as text; its reasoning; its calls, in the older form too (`function_call`).
 */
function readMessage(message: unknown, path: string, body: FieldReader): ChatMessage | undefined {
  if (!isObject(message)) return body.refuse(path, 'must be an object');
  const role = ROLES.get(message['role']);
  if (role === undefined) {
    return body.refuse(`${path}.role`, 'must be system, developer, user, assistant or tool');
  }
  const isAnswer = role === 'assistant' || role === 'tool';
  const content = readContent(message['content'], isAnswer, `${path}.content`, body);
  if (content === undefined) return undefined;
  const result: ChatMessage = { role, content };
  const { tool_call_id: toolCallId, name } = message;
  if (role === 'assistant') readAnswer(message, path, body, result);
  if (typeof toolCallId === 'string' || typeof toolCallId === 'number')
    result.toolCallId = String(toolCallId);
  if (typeof name === 'string' && name !== '') result.name = name;
  return result;
}

function readAnswer(message: Fields, path: string, body: FieldReader, result: ChatMessage): void {
  const { refusal, reasoning, reasoning_content: reasoningContent } = message;
  if (typeof refusal === 'string') result.content = withRefusal(result.content, refusal);
  const thought = [reasoningContent, reasoning].find((text) => typeof text === 'string' && text !== '');
  if (typeof thought === 'string') result.reasoning = thought;
  const calls = readToolCalls(message['tool_calls'], `${path}.tool_calls`, body);
  const older = message['function_call'] ?? undefined;
  if (calls.length > 0) result.toolCalls = calls;
  else if (older !== undefined) {
    const call = readFunction(older, '');
    if (call) result.toolCalls = [call];
    else body.refuse(`${path}.function_call`, 'must be a function call');
  }
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
    case 'input_text':
    case 'output_text':
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

function readToolCalls(value: unknown, path: string, body: FieldReader): ToolCall[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return body.refuse(path, 'must be an array') ?? [];
  return value.flatMap(
    (call, index) => readToolCall(call) ?? body.refuse(`${path}.${index}`, 'must be a function call') ?? [],
  );
}

/** Some servers give no id, or a number: the call is then told by its place. */
function readToolCall(call: unknown): ToolCall | undefined {
  if (!isObject(call)) return undefined;
  const id = typeof call['id'] === 'string' || typeof call['id'] === 'number' ? String(call['id']) : '';
  return readFunction(call['function'], id);
}

function readFunction(called: unknown, id: string): ToolCall | undefined {
  if (!isObject(called)) return undefined;
  const { name } = called;
  const text = argumentsText(called['arguments']);
  return typeof name === 'string' && name !== '' && text !== undefined
    ? { id, name, arguments: text }
    : undefined;
}
