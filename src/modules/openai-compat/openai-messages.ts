import type {
  ChatMessage,
  ContentPart,
  JsonFields,
  MediaSource,
  MessageRole,
  ToolCall,
} from '../ai-providers/interfaces/message.interface.js';
import { argumentsText, withRefusal } from '../ai-providers/dto/turn-forms.js';
import { MAX_MESSAGES } from '../ai-providers/dto/completion.dto.js';
import { isObject, type FieldReader } from './field.reader.js';
import { unreadFields, unreadWithin } from './unread-fields.js';

type Fields = Record<string, unknown>;

/** Fields of a message with a word of ours. */
const READ: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_call_id',
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning',
  'reasoning_content',
  'providerData',
]);

/** Nothing is referred to: answers are handed back with such a list. */
const READ_OF_ANSWER: ReadonlySet<string> = new Set([...READ, 'annotations']);

const TEXT: ReadonlySet<string> = new Set(['type', 'text', 'refusal']);
const CALL: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom']);
const CALLED: ReadonlySet<string> = new Set(['name', 'arguments', 'input']);

/** Parts that only servers of this dialect know: vLLM's and Alibaba's, Mistral's. */
const OTHER_PARTS: ReadonlySet<unknown> = new Set([
  'video_url',
  'audio_url',
  'document_url',
  'reference',
  'thinking',
  'input_video',
  'file',
]);

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
  const unread = unreadFields(message, isEmptyList(message['annotations']) ? READ_OF_ANSWER : READ);
  if (unread) result.openaiFields = unread;
  const data = message['providerData'];
  if (isObject(data)) result.providerData = data;
  return result;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
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
      return textOf(part, part['text']);
    case 'refusal':
      return textOf(part, part['refusal']);
    case 'image_url':
      return mediaPart('image', part, 'image_url', 'url', ({ url }) => mediaOf(url));
    case 'input_audio':
      return mediaPart('audio', part, 'input_audio', 'data', inlineAudio);
    case 'file':
      return filePart(part) ?? otherPart(part);
    default:
      return otherPart(part);
  }
}

function textOf(part: Fields, text: unknown): ContentPart | undefined {
  return typeof text === 'string' ? withUnread({ type: 'text', text }, unreadFields(part, TEXT)) : undefined;
}

function otherPart(part: Fields): ContentPart | undefined {
  return OTHER_PARTS.has(part['type']) && isObject(part[String(part['type'])])
    ? { type: 'other', openaiFields: part }
    : undefined;
}

function withUnread(part: ContentPart, unread: JsonFields | undefined): ContentPart {
  return unread === undefined ? part : { ...part, openaiFields: unread };
}

function filePart(part: Fields): ContentPart | undefined {
  const file = mediaPart('file', part, 'file', 'file_data', ({ file_data: data }) => mediaOf(data));
  const name = isObject(part['file']) ? part['file']['filename'] : undefined;
  return file?.type === 'file' && typeof name === 'string' && name !== '' ? { ...file, name } : file;
}

function mediaPart(
  type: 'image' | 'audio' | 'file',
  part: Fields,
  inner: 'image_url' | 'input_audio' | 'file',
  held: string,
  sourceOf: (holder: Fields) => MediaSource | undefined,
): ContentPart | undefined {
  const holder = part[inner];
  const source = isObject(holder) ? sourceOf(holder) : undefined;
  if (source === undefined) return undefined;
  const read = new Set([held, 'format', 'filename']);
  return withUnread({ type, source }, unreadWithin(part, new Set(['type', inner]), inner, read));
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
  const custom = call['custom'];
  const result = isObject(custom) ? readCustom(custom, id) : readFunction(call['function'], id);
  const unread = unreadWithin(call, CALL, isObject(custom) ? 'custom' : 'function', CALLED);
  return result && unread ? { ...result, openaiFields: unread } : result;
}

function readCustom({ name, input }: Fields, id: string): ToolCall | undefined {
  return typeof name === 'string' && typeof input === 'string'
    ? { id, name, arguments: input, custom: true }
    : undefined;
}

function readFunction(called: unknown, id: string): ToolCall | undefined {
  if (!isObject(called)) return undefined;
  const { name } = called;
  const text = argumentsText(called['arguments']);
  return typeof name === 'string' && name !== '' && text !== undefined
    ? { id, name, arguments: text }
    : undefined;
}
