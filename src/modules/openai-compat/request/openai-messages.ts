import type { ChatMessage, MessageRole, ToolCall } from '../../ai-providers/interfaces/message.interface.js';
import { argumentsText, withRefusal } from '../../ai-providers/dto/completion/turn-forms.js';
import { MAX_MESSAGES } from '../../ai-providers/dto/completion/completion.dto.js';
import { isObject, type FieldReader } from './field.reader.js';
import { readContent } from './openai-content.js';
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

const CALL: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom']);
const CALLED: ReadonlySet<string> = new Set(['name', 'arguments', 'input']);

const ROLES: ReadonlyMap<unknown, MessageRole> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  // The older form of a tool's result, named by its function.
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

function readToolCalls(value: unknown, path: string, body: FieldReader): ToolCall[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return body.refuse(path, 'must be an array') ?? [];
  return value.flatMap(
    (call, index) => readToolCall(call) ?? body.refuse(`${path}.${index}`, 'must be a function call') ?? [],
  );
}

/** Some servers give no id, or a number: the call is then known by its place. */
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
