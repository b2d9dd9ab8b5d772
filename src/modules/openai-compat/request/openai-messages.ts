import { z } from 'zod';
import { MAX_MESSAGES } from '../../ai-providers/dto/completion/completion.dto.js';
import { argumentsText, withRefusal } from '../../ai-providers/dto/completion/turn-forms.js';
import type { ChatMessage, MessageRole, ToolCall } from '../../ai-providers/interfaces/message.interface.js';
import { content } from './openai-content.js';
import {
  chosen,
  isObject,
  jsonObject,
  lenient,
  list,
  optional,
  whole,
  withoutOlder,
} from './openai-schema.js';
import { unreadFields, unreadWithin } from './unread-fields.js';

const CALL: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom']);
const CALLED: ReadonlySet<string> = new Set(['name', 'arguments', 'input']);

const id = lenient(z.union([z.string(), z.number()]).transform(String));

const called = z
  .looseObject({
    name: z.string().min(1),
    arguments: z
      .unknown()
      .optional()
      .transform((given) => argumentsText(given))
      .pipe(z.string()),
  })
  .transform(({ name, arguments: text }) => ({ name, arguments: text }));

const customCall = z
  .looseObject({ name: z.string(), input: z.string() })
  .transform(({ name, input }) => ({ name, arguments: input, custom: true as const }));

/** Some servers give no id, or a number: the call is then known by its place. */
const toolCall = whole(
  jsonObject.transform((call, context): ToolCall => {
    const kind = isObject(call['custom']) ? 'custom' : 'function';
    const read = (kind === 'custom' ? customCall : called).safeParse(call[kind]);
    if (!read.success) {
      context.addIssue('must be a function call');
      return z.NEVER;
    }
    const result: ToolCall = { id: id.parse(call['id']) ?? '', ...read.data };
    const unread = unreadWithin(call, CALL, kind, CALLED);
    return unread === undefined ? result : { ...result, openaiFields: unread };
  }),
  'must be a function call',
);

const olderCall = whole(
  called.transform((call): ToolCall => ({ id: '', ...call })),
  'must be a function call',
);

/** Fields of a turn with a word of ours. */
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

/** An empty list of references says nothing: answers are handed back with one. */
const READ_OF_ANSWER: ReadonlySet<string> = new Set([...READ, 'annotations']);

const anyTurn = {
  tool_call_id: id,
  name: lenient(z.string().min(1)),
  providerData: lenient(jsonObject),
};
const emptyContent = optional(content);
const someText = lenient(z.string().min(1));

function questionOf(role: 'system' | 'user') {
  return z.looseObject({ ...anyTurn, content }).transform((turn) => toTurn(role, turn));
}

const toolResult = z
  .looseObject({ ...anyTurn, content: emptyContent })
  .transform((turn) => toTurn('tool', turn));

/** What an assistant's turn holds is kept: its words where it refused, its reasoning, its calls in either form. */
const answerFields = z
  .looseObject({
    ...anyTurn,
    content: emptyContent,
    refusal: lenient(z.string()),
    reasoning: someText,
    reasoning_content: someText,
    tool_calls: optional(list(toolCall, Infinity, 'must be an array')),
    function_call: optional(olderCall),
  })
  .transform((turn) => {
    const { refusal, reasoning_content: reasoning = turn.reasoning, tool_calls: calls = [] } = turn;
    const toolCalls = calls.length > 0 || !turn.function_call ? calls : [turn.function_call];
    const message = toTurn('assistant', turn);
    if (refusal !== undefined) message.content = withRefusal(message.content, refusal);
    if (reasoning !== undefined) message.reasoning = reasoning;
    if (toolCalls.length > 0) message.toolCalls = toolCalls;
    return message;
  });

const answer = jsonObject
  .transform((turn) => withoutOlder(turn, [['tool_calls', 'function_call']]))
  .pipe(answerFields);

const TURNS: ReadonlyMap<unknown, z.ZodType<ChatMessage>> = new Map<unknown, z.ZodType<ChatMessage>>([
  ['system', questionOf('system')],
  ['developer', questionOf('system')],
  ['user', questionOf('user')],
  ['assistant', answer],
  ['tool', toolResult],
  // The older form of a tool's result, named by its function.
  ['function', toolResult],
]);

const noObject = z.never('must be an object');

const noRole = z
  .object({ role: whole(z.never(), 'must be system, developer, user, assistant or tool') })
  .pipe(z.never());

const turns = list(
  chosen<ChatMessage>((given) => (isObject(given) ? (TURNS.get(given['role']) ?? noRole) : noObject)),
  MAX_MESSAGES,
);

const noTurns = z.never('must be an array with at least one message');

/** `messages` of a chat completion (platform.openai.com/docs/api-reference/chat/create) in our words. */
export const messages = chosen<ChatMessage[]>((given) =>
  Array.isArray(given) && given.length > 0 ? turns : noTurns,
);

type Turn = z.output<z.ZodObject<typeof anyTurn, z.core.$loose>> & { content?: ChatMessage['content'] };

function toTurn(role: MessageRole, turn: Turn): ChatMessage {
  const message: ChatMessage = { role, content: turn.content ?? '' };
  if (turn.tool_call_id !== undefined) message.toolCallId = turn.tool_call_id;
  if (turn.name !== undefined) message.name = turn.name;
  const unread = unreadFields(turn, isEmptyList(turn['annotations']) ? READ_OF_ANSWER : READ);
  if (unread) message.openaiFields = unread;
  if (turn.providerData !== undefined) message.providerData = turn.providerData;
  return message;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
